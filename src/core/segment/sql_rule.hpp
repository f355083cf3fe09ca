// The translation of each kind of predicate to a boolean expression that is NULL where the rule is unknown.
#pragma once

#include "core/segment/sql.hpp"
#include "core/segment/sql_text.hpp"

namespace cdp::core::rule {

// Where a value stands: as JSON; when there may be timestamps, the columns with the value as one, and with those
// among the elements of a list.
struct SqlValue {
  SqlText json, time, times;
};

class SqlRule {
 public:
  SqlRule(Buffer& out, std::optional<std::int64_t> as_of, const Poll& poll, std::pmr::memory_resource* resource)
      : lines_(out, resource), clock_(as_of, resource), poll_(poll), folds_(resource) {}

  void query(const ProgramNode& root);

 private:
  using Text = SqlText;
  struct Fold {
    char32_t folded, character;
  };

  // sql.cpp
  void rule(const ProgramNode& node);
  void joined(const ProgramNode& node, std::string_view word);
  void predicate(const ProgramNode& node);
  Text quoted(std::string_view text) const { return sql_string(text, lines_.resource()); }
  Text constant(const std::byte*& at) const { return sql_constant(trusted_value(at), lines_.resource()); }
  Text comparison(std::string_view left, Opcode op, const std::byte* at, std::string_view factor = {}) const;
  template <typename... Parts>
  Text text(const Parts&... parts) const {
    return lines_.text(parts...);
  }
  [[noreturn]] static void refuse(const char* what, const char* hint);

  // sql_value.cpp
  Text condition(Opcode op, const std::byte* at, const SqlValue& value);
  Text compared(Opcode op, const Value& constant, const SqlValue& value) const;
  Text among(const ConstantList& list, const SqlValue& value);
  Text alike(Opcode op, std::string_view pattern, const SqlValue& value);
  Text containing(Opcode op, const std::byte* at, const SqlValue& value);
  Text anniversary(const ProgramNode& window, const SqlValue& value) const;
  Text folded(std::string_view text, std::string_view& pattern, Text& room);
  static void require_short(std::string_view path);
  Text member(std::string_view object, std::string_view path) const;
  static Text known(const SqlValue& value);

  // sql_attribute.cpp
  void golden(Opcode op, std::string_view path, const std::byte* at);
  void observed(Opcode op, const Subject& subject, const std::byte* at);
  void fresh(Opcode op, std::string_view path, const std::byte* at);
  void stated(Opcode op, const Subject& subject, const std::byte* at);
  SqlValue value_at(std::string_view path, std::string_view alias, bool list) const;
  Text place(std::string_view path, std::string_view alias) const;
  void from_attribute(std::string_view path);
  void preferred(std::string_view path);
  void from_observations(const Subject& subject);

  // sql_event.cpp
  void events(Opcode op, const ProgramNode& about, const std::byte* at);
  void selected(const EventSubject& subject);
  void number(Opcode op, const EventSubject& subject, const std::byte* at);
  void moment(Opcode op, const EventSubject& subject, const std::byte* at);
  void event_value(Opcode op, const EventSubject& subject, const std::byte* at);
  void one_value(Opcode op, const std::byte* at, const SqlValue& value, const EventSubject& subject,
                 std::string_view order);
  void filter(const ProgramNode& node, std::string_view alias);
  SqlValue property_at(std::string_view path, std::string_view alias) const;

  // sql_order.cpp
  void sequence(const ProgramNode& about);
  void funnel(Opcode op, const ProgramNode& about, const std::byte* at);
  void open_step(const EventSubject& subject, std::size_t step, const std::optional<ProgramNode>& window);
  void close_steps(std::size_t count);
  void another_event(const std::pmr::vector<EventSubject>& parts, std::size_t part, std::size_t step);
  void absence(const EventSubject& subject, std::string_view before, std::string_view after);
  void reached(const std::pmr::vector<EventSubject>& steps, std::size_t count, const ProgramNode& funnel);

  SqlLines lines_;
  SqlClock clock_;
  const Poll& poll_;
  std::pmr::vector<Fold> folds_;  // once they were needed
};

}  // namespace cdp::core::rule
