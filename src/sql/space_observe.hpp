// Observations: what a source saw at once of one customer. Any number of them are taken in together, each statement
// run once for all of them.
#pragma once

#include <functional>
#include <optional>

#include "pg/moment.hpp"
#include "sql/space_name.hpp"
#include "sql/space_part.hpp"
#include "sql/space_rows.hpp"
#include "sql/space_write.hpp"

namespace cdp::sql {

struct NamedIdentifier {
  std::string_view type, value;  // as given
};

struct Observation {
  std::span<const NamedIdentifier> identifiers;
  core::identity::SourceIndex source = 0;
  std::int64_t at = 0;
  pg::query::Argument attributes{0, true};  // jsonb
  std::string_view event = {};              // empty: none
  pg::query::Argument properties{0, true};  // jsonb
  std::string_view message_id = {};
};

class Observations final : public SpaceWork {
 public:
  // What it is given has to outlive it.
  Observations(const pg::query::Schema& schema, const SpaceRules& rules, std::pmr::memory_resource* resource);

  // 42704 for an unknown type of identifiers, 54000 for too many or too long ones.
  void add(const Observation& observation);
  std::size_t size() const noexcept { return observations_.size(); }

  // All or nothing. `then` is called last, while what it throws still takes everything back: by the subtransaction that
  // has the locks, since whoever waits for one that has been committed waits on when what it is part of is rolled back.
  void take_in(std::function<void()> then = {});

  // Afterwards. Whose an observation is: the profile_id, or 0 if nobody is identified.
  std::int64_t profile(std::size_t observation) const;
  // Its identifiers, ascending.
  std::pmr::vector<std::int64_t> ids(std::size_t observation) const;

  // Those of its identifiers that the normalisers of their types couldn't read.
  template <typename Take>
  void each_unreadable(std::size_t observation, const Take& take) const {
    for (const std::uint32_t name : observations_[observation].names)
      if (!names_[name].readable) take(names_[name]);
  }

  // The part that it belongs to, or 0.
  std::int64_t part(std::size_t observation) const { return parts_[observation]; }

  void prepare() override;
  std::pmr::vector<std::int64_t> clusters() override;
  bool holds(std::span<const ClusterVersion> locked) override;
  bool wants_rows() const override { return names_.size() <= 20'000; }  // a kilobyte each
  core::identity::Changes changes() override;
  Cause cause() const override;
  void conclude(bool moved) override;

 private:
  struct Taken {
    Observation observation;
    std::pmr::vector<std::uint32_t> names;
  };
  using Pairs = std::pmr::vector<core::identity::SightingChange>;
  class KnownCustomer;

  void sort_names();
  void find();
  std::pmr::vector<std::int64_t> found_clusters() const;
  std::size_t anchor(const Taken& taken) const;
  Pairs all_pairs() const;
  std::pmr::vector<Pair> asked(const Pairs& pairs) const;
  void drop_known(Pairs& pairs) const;
  void ask_known(std::span<const Pair> asked, std::span<char> known) const;
  bool take_in_known();
  std::size_t add(Parts& parts, std::size_t observation) const;
  void build_parts();
  void make_ready(std::int64_t added);

  const pg::query::Schema& schema_;
  const SpaceRules& rules_;
  std::pmr::memory_resource* resource_;
  std::pmr::vector<Taken> observations_;
  std::pmr::vector<Name> names_;  // sorted by take_in(), each once
  bool found_ = false;            // by prepare(), just now
  pg::Moment read_;               // when they were
  std::pmr::vector<ClusterVersion> locked_;
  Pairs changes_;
  std::function<void()> then_;
  std::optional<Parts> built_;                       // of what is read, if it is
  std::pmr::vector<std::size_t> places_;             // of observations, there
  std::pmr::vector<std::int64_t> profiles_, parts_;  // of observations
};

}  // namespace cdp::sql
