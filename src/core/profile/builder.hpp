// F(S): builds the profile of a multiset of observations. What it writes depends on the observations alone, not on
// their order nor on how they were grouped into profiles on the way. docs/profile.md states the laws.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "core/bytes/poll.hpp"
#include "core/profile/dictionary.hpp"
#include "core/profile/format.hpp"
#include "core/profile/sections.hpp"

namespace cdp::core {

class ProfileBuilder {
 public:
  explicit ProfileBuilder(std::pmr::memory_resource* resource);

  // Names, sources and times are copied; the bytes of values must live until write().
  void add_observation(std::string_view attribute, const Value& value, std::string_view source, std::int64_t time) {
    begin_row(source, time);
    add_to_row(attribute, value);
  }
  // The same for many observations of one source and time.
  void begin_row(std::string_view source, std::int64_t time) {
    row_source_ = sources_.intern(source, 0);
    attribute_ = kNone;  // the row's first name tends to be the first of all
    row_time_ = this->time(time);
    if (keep_ == 0) keep_ = format::kDefaultKeep;
  }
  void add_to_row(std::string_view attribute, const Value& value) {
    begin_attribute(attribute);
    add_point(MarkedValue(value), row_source_, row_time_, row_time_, 1);
  }
  void add_profile(const ProfileView& profile);

  // The parts of a profile from elsewhere (binary protocol, text), attribute by attribute.
  void begin_attribute(std::string_view name) {
    attribute_ = names_.intern(name, attribute_ + 1);
    if (attribute_ >= groups_.size()) [[unlikely]]
      groups_.resize(attribute_ + 1);
  }
  std::uint32_t source(std::string_view name) { return sources_.intern(name); }
  void add_entry(const Entry& entry);             // times = 0: of an overflowed attribute
  void add_overflow(std::uint64_t observations);  // once per overflowed attribute; its spans and extremes follow
  void add_span(const SourceSpan& span);
  void add_extreme(Value value, std::uint32_t source, std::int64_t at);
  // Observations were taken out of the attribute, which had overflowed: what is left of it is not all that was.
  void add_gap() { group().partial = true; }
  // A copy of a value's bytes that lives until clear().
  ByteSpan copy(ByteSpan bytes);
  // Everything that is no attribute.
  Sections& sections() noexcept { return sections_; }
  void limit_keep(std::uint8_t keep) noexcept { keep_ = keep_ == 0 || keep < keep_ ? keep : keep_; }

  // Appends the canonical payload of everything added. 54000 beyond 255 sources or 1 GB;
  // beyond 65535 attributes already while they are added.
  void write(Buffer& out, const Poll& poll = {});

  // Forgets everything added; keeps the memory.
  void clear();

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  template <typename T>
  using Vector = std::pmr::vector<T>;

  // A value with a fingerprint, so that telling two apart rarely touches their bytes.
  struct MarkedValue : Value {
    MarkedValue() = default;
    explicit MarkedValue(const Value& value) noexcept : Value(value) {
      const std::size_t size = bytes.size();
      mark = static_cast<std::uint64_t>(type) | static_cast<std::uint64_t>(size) << 3;
      if (size == 0) return;
      mark ^= static_cast<std::uint64_t>(bytes[0]) << 40 ^ static_cast<std::uint64_t>(bytes[size / 2]) << 48 ^
              static_cast<std::uint64_t>(bytes[size - 1]) << 56;
    }
    friend bool operator==(const MarkedValue& a, const MarkedValue& b) noexcept {
      return a.mark == b.mark && static_cast<const Value&>(a) == static_cast<const Value&>(b);
    }
    std::uint64_t mark;
  };

  // Times are numbers of times_, sources numbers of sources_ while things are added; ranks from planning on.
  struct Point {
    // Orders the most recent first, then by source. Ranks only.
    std::uint64_t order() const noexcept { return static_cast<std::uint64_t>(~last) << 32 | source; }

    MarkedValue value;
    std::uint32_t source, last, first;
    std::uint32_t next;   // the next point of the same attribute; then the number of the value in its record
    std::uint64_t times;  // 0: of an overflowed attribute
  };
  struct Span {
    // Takes an observation into account.
    void offer(const MarkedValue& value, std::uint32_t at);
    void offer(const Span& other);
    bool has_known() const noexcept { return latest.type == Type::erased && known.type != Type::erased; }

    MarkedValue earliest, latest, known;
    std::uint32_t source, earliest_at, latest_at, known_at, attribute;
    std::uint32_t earliest_value = 0, latest_value = 0, known_value = 0;
  };
  struct Extreme {
    MarkedValue value;
    std::uint32_t source, at, attribute, value_number = 0;
  };
  // What the operands say of one attribute.
  struct Group {
    std::uint32_t first_point = kNone;
    bool overflowed = false, partial = false;
    std::uint64_t observations = 0;  // of overflowed operands
  };
  // What is kept of one attribute; ranges of kept_, kept_spans_, kept_extremes_.
  struct Plan {
    std::uint32_t attribute;
    bool overflowed, partial;
    std::uint64_t observations;
    bool derived = false;
    MarkedValue golden{};
    std::size_t entries, entries_end = 0, spans, spans_end = 0, extremes, extremes_end = 0;
  };

  Group& group() {
    Group& group = groups_[attribute_];
    if (group.first_point == kNone && !group.overflowed) {
      if (present_.size() == format::kMaxAttributes) [[unlikely]]
        refuse_attributes();
      present_.push_back(attribute_);
    }
    return group;
  }
  // Numbers a time; the observations of a row share one.
  std::uint32_t time(std::int64_t time) {
    if (times_.empty() || times_.back() != time) times_.push_back(time);
    return static_cast<std::uint32_t>(times_.size() - 1);
  }
  void add_point(const MarkedValue& value, std::uint32_t source, std::uint32_t last, std::uint32_t first,
                 std::uint64_t times) {
    Group& group = this->group();
    points_.push_back({value, source, last, first, group.first_point, times});
    group.first_point = static_cast<std::uint32_t>(points_.size() - 1);
  }
  [[noreturn]] static void refuse_attributes();
  void add_record(const Attribute& attribute);
  void rank_times();
  void rank_sources();
  void plan_attribute(std::uint32_t attribute);
  void merge_pairs(std::size_t from);
  void merge_many_pairs(std::size_t from);
  void fold_spans(Plan& plan);
  void fold_extremes(Plan& plan);
  void choose_golden(Plan& plan);
  void number_sources();
  void number_times();
  void write_record(const Plan& plan, Buffer& out);
  void write_overflow(const Plan& plan, Buffer& out);
  void pool_values(const Plan& plan);
  std::uint32_t pooled(const MarkedValue& value);

  std::pmr::monotonic_buffer_resource copies_;
  Sections sections_;
  Dictionary names_, sources_;
  std::uint32_t attribute_ = 0, row_source_ = 0, row_time_ = 0;
  std::uint8_t keep_ = 0;
  // What was added.
  Vector<std::int64_t> times_;  // by number; may repeat
  Vector<Point> points_;
  Vector<Group> groups_;           // by name
  Vector<std::uint32_t> present_;  // names in groups_ that have something
  Vector<Span> spans_;
  Vector<Extreme> extremes_;
  // The parts of a profile that is being added.
  Vector<std::uint32_t> profile_sources_, profile_times_;
  Vector<MarkedValue> profile_values_;
  // What is kept.
  Vector<Plan> plans_;
  Vector<Point> kept_;
  Vector<Span> kept_spans_;
  Vector<Extreme> kept_extremes_;
  Vector<std::uint32_t> time_order_, time_rank_;    // numbers in order; rank by number
  Vector<std::int64_t> ranked_times_, used_times_;  // by rank; by index in the written table
  Vector<std::uint32_t> time_index_;                // rank to index; kNone: not used
  Vector<std::uint32_t> source_index_;
  Vector<std::string_view> ranked_sources_, source_names_;  // by rank; by index in the written table
  Vector<MarkedValue> pool_;                                // the distinct values of a record
  // What a rule chooses from.
  Vector<Entry> evidence_entries_;
  Vector<SourceSpan> evidence_spans_;
  Vector<Sighting> evidence_extremes_;
  Vector<std::uint32_t> starts_;
  Buffer records_;
};

}  // namespace cdp::core
