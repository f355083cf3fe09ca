// src/sql/space_known.cpp: the observation that tells nothing new about who is who. It is taken in without waiting for
// anybody and without asking the executor; whatever stands in the way leaves it to the protocol of locks.
//
// Nothing is locked but one customer, and only as the row that was read: whoever changes the members or drops links of
// a customer writes its row, so all that was read of it still holds then. Nobody who has to wait has taken a lock here.
#include "sql/space_lock.hpp"
#include "sql/space_observe.hpp"
#include "sql/space_part.hpp"
#include "sql/space_rows.hpp"

namespace cdp::sql {

namespace direct = pg::direct;
namespace query = pg::query;

// One attempt.
class Observations::KnownCustomer {
 public:
  explicit KnownCustomer(Observations& of) : of_(of), taken_(of.observations_.front()) {}

  // Whoever writes to the whole space keeps others out; and waits for all who share it, so that nobody may wait for
  // others while he does and isn't done.
  bool take_in() {
    if (IsolationUsesXactSnapshot() || !pg::call([this] { return try_share_space(of_.schema_); })) return false;
    bool done = false;
    if (rows_.begin(of_.schema_, {{&identifier_, &kIdentifierRows},
                                  {&customer_, &kProfileRows},
                                  {&link_, &kLinkRows},
                                  {&part_, &kPartRows}})) {
      done = is_one_customer() && is_linked() && write();
      rows_.end();
    }
    if (!done) pg::call([this] { unshare_space(of_.schema_); });
    return done;
  }

 private:
  bool is_one_customer() {
    return pg::call([this] {
      for (Name& one : of_.names_)
        if (!find_name(identifier_, one) || one.hub || one.blocked || one.cluster != of_.names_.front().cluster)
          return false;
      return true;
    });
  }

  bool is_linked() {
    const auto pairs = of_.asked(of_.all_pairs());
    return pg::call([&] {
      for (const Pair& pair : pairs)
        if (!is_known(link_, pair)) return false;
      return true;
    });
  }

  bool write() {
    const Name& anchor = of_.names_[of_.anchor(taken_)];
    const auto ids = of_.ids(0);
    const std::int32_t source = of_.rules_.source_id(taken_.observation.source);
    const query::Argument key = query::array(ids);
    pg::call([&] {
      customer_row_ = customer_.find({Int64GetDatum(anchor.cluster)});
      part_row_ = part_.find({Int32GetDatum(source), key.value});
    });
    if (customer_row_ == nullptr || part_row_ == nullptr) return false;
    if (DatumGetInt64(value(part_, part_row_, 3)) != anchor.id) return false;
    Parts parts(of_.schema_, of_.rules_, of_.resource_);
    of_.add(parts, 0);
    const PartValues added = parts.values(0);
    const PartValues old_part = stored(part_, part_row_, 4), old_customer = stored(customer_, customer_row_, 2);
    const PartValues part = parts.joined(old_part, {&added, 1});
    const PartValues customer = same(old_part, old_customer) ? part : parts.joined(old_customer, {&added, 1});
    if (!pg::call([&] { return customer_.try_lock(customer_row_) && part_.try_lock(part_row_); })) return false;
    pg::call([&] {
      customer_.write(customer_row_, {customer.profile, customer.timeline});
      part_.write(part_row_, {part.profile, part.timeline});
    });
    of_.parts_[0] = DatumGetInt64(value(part_, part_row_, 2));
    of_.profiles_[0] = DatumGetInt64(value(customer_, customer_row_, 1));
    return true;
  }

  static Datum value(const direct::Open& table, HeapTuple row, int column) {
    return pg::call([&] { return table.value(row, column); });
  }
  static PartValues stored(const direct::Open& table, HeapTuple row, int column) {
    return {value(table, row, column), value(table, row, column + 1)};
  }

  Observations& of_;
  const Taken& taken_;
  direct::Open identifier_, customer_, link_, part_;
  OpenRows rows_;
  HeapTuple customer_row_ = nullptr, part_row_ = nullptr;
};

bool Observations::take_in_known() { return observations_.size() == 1 && KnownCustomer(*this).take_in(); }

}  // namespace cdp::sql
