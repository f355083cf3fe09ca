// src/sql/space_known.cpp: the observation that tells nothing new about who is who. It is taken in without waiting for
// anybody and without asking the executor; whatever stands in the way leaves it to the protocol of locks.
//
// Nothing is locked but one customer, and only as the row that was read: whoever changes the members or drops links of
// a customer writes its row, so all that was read of it still holds then. Nobody who has to wait has taken a lock here.
#include "pg/direct.hpp"
#include "sql/space_lock.hpp"
#include "sql/space_observe.hpp"
#include "sql/space_part.hpp"

namespace cdp::sql {

namespace {

namespace direct = pg::direct;
namespace query = pg::query;

const direct::Table kIdentifier{"identifier",
                                2,
                                {{"type", TEXTOID},
                                 {"value", TEXTOID},
                                 {"id", INT8OID},
                                 {"cluster_id", INT8OID},
                                 {"hub", BOOLOID},
                                 {"blocked", BOOLOID}}};
const direct::Table kProfile{
    "profile",
    1,
    {{"cluster_id", INT8OID}, {"profile_id", INT8OID}, {"profile", query::kProfile}, {"timeline", query::kTimeline}},
    2,
    ACL_SELECT | ACL_UPDATE};
const direct::Table kLink{"link",
                          4,
                          {{"a", INT8OID},
                           {"b", INT8OID},
                           {"source_id", INT4OID},
                           {"rule", INT4OID},
                           {"confidence", FLOAT8OID},
                           {"first_seen", TIMESTAMPTZOID},
                           {"last_seen", TIMESTAMPTZOID}}};
const direct::Table kPart{"part",
                          2,
                          {{"source_id", INT4OID},
                           {"identifiers", INT8ARRAYOID},
                           {"part_id", INT8OID},
                           {"anchor", INT8OID},
                           {"profile", query::kProfile},
                           {"timeline", query::kTimeline}},
                          4,
                          ACL_SELECT | ACL_INSERT | ACL_UPDATE};

struct Tables {
  direct::Open identifier, profile, link, part;
};

bool open(const query::Schema& schema, Tables& tables) {
  struct One {
    direct::Open* open;
    const direct::Table* table;
  };
  const One all[] = {
      {&tables.identifier, &kIdentifier}, {&tables.profile, &kProfile}, {&tables.link, &kLink}, {&tables.part, &kPart}};
  for (std::size_t i = 0; i < std::size(all); ++i) {
    if (all[i].open->open(schema, *all[i].table)) continue;
    while (i-- > 0) all[i].open->close();
    return false;
  }
  return true;
}
void close(const Tables& tables) {
  tables.identifier.close();
  tables.profile.close();
  tables.link.close();
  tables.part.close();
}

Datum text_datum(std::string_view text) {
  return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

bool find_name(const direct::Open& table, Name& name, Snapshot snapshot) {
  const HeapTuple row = table.find({text_datum(name.type), text_datum(name.value)}, snapshot);
  if (row == nullptr) return false;
  name.id = DatumGetInt64(table.value(row, 2));
  name.cluster = DatumGetInt64(table.value(row, 3));
  name.hub = DatumGetBool(table.value(row, 4));
  name.blocked = DatumGetBool(table.value(row, 5));
  return true;
}

bool is_known(const direct::Open& table, const Pair& pair, Snapshot snapshot) {
  const HeapTuple row = table.find(
      {Int64GetDatum(pair.a), Int64GetDatum(pair.b), Int32GetDatum(pair.source_id), Int32GetDatum(0)}, snapshot);
  return row != nullptr && DatumGetFloat8(table.value(row, 4)) == 1 &&
         DatumGetTimestampTz(table.value(row, 5)) <= pair.first_seen &&
         DatumGetTimestampTz(table.value(row, 6)) >= pair.last_seen;
}

}  // namespace

// One attempt.
class Observations::KnownCustomer {
 public:
  explicit KnownCustomer(Observations& of) : of_(of), taken_(of.observations_.front()) {}

  bool take_in() {
    if (!pg::call([this] { return begin(); })) return false;
    const bool done = is_one_customer() && is_linked() && write();
    pg::call([this] { end(); });
    return done;
  }

 private:
  // Whoever writes to the whole space keeps others out.
  bool begin() {
    if (XactReadOnly || IsolationUsesXactSnapshot() || !open(of_.schema_, tables_)) return false;
    if (!try_share_space(of_.schema_)) {
      close(tables_);
      return false;
    }
    CommandCounterIncrement();
    PushActiveSnapshot(GetTransactionSnapshot());
    snapshot_ = GetActiveSnapshot();
    return true;
  }
  void end() {
    PopActiveSnapshot();
    close(tables_);
    CommandCounterIncrement();
  }

  bool is_one_customer() {
    return pg::call([this] {
      for (Name& one : of_.names_)
        if (!find_name(tables_.identifier, one, snapshot_) || one.hub || one.blocked ||
            one.cluster != of_.names_.front().cluster)
          return false;
      return true;
    });
  }

  bool is_linked() {
    const auto pairs = of_.asked(of_.all_pairs());
    return pg::call([&] {
      for (const Pair& pair : pairs)
        if (!is_known(tables_.link, pair, snapshot_)) return false;
      return true;
    });
  }

  bool write() {
    const Name& anchor = of_.names_[of_.anchor(taken_)];
    const auto ids = of_.ids(0);
    const std::int32_t source = of_.rules_.source_id(taken_.observation.source);
    const query::Argument key = query::array(ids);
    pg::call([&] {
      profile_ = tables_.profile.find({Int64GetDatum(anchor.cluster)}, snapshot_);
      part_ = tables_.part.find({Int32GetDatum(source), key.value}, snapshot_);
    });
    if (profile_ == nullptr || part_ == nullptr) return false;
    if (DatumGetInt64(value(tables_.part, part_, 3)) != anchor.id) return false;
    Parts parts(of_.schema_, of_.rules_, of_.resource_);
    of_.add(parts, 0);
    const PartValues added = parts.values(0);
    const PartValues part = parts.joined(stored(tables_.part, part_, 4), added);
    const PartValues customer = parts.joined(stored(tables_.profile, profile_, 2), added);
    if (!pg::call([&] { return tables_.profile.try_lock(profile_, snapshot_); })) return false;
    pg::call([&] {
      tables_.profile.write(profile_, {customer.profile, customer.timeline}, snapshot_);
      tables_.part.write(part_, {part.profile, part.timeline}, snapshot_);
    });
    of_.parts_[0] = DatumGetInt64(value(tables_.part, part_, 2));
    of_.profiles_[0] = DatumGetInt64(value(tables_.profile, profile_, 1));
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
  Tables tables_;
  Snapshot snapshot_ = nullptr;
  HeapTuple profile_ = nullptr, part_ = nullptr;
};

bool Observations::take_in_known() { return observations_.size() == 1 && KnownCustomer(*this).take_in(); }

}  // namespace cdp::sql
