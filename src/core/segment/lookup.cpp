// src/core/segment/lookup.cpp: what a rule that holds tells about the keys of the profile. `not` is pushed to the
// conditions: unknown is no match, so a negated condition, too, needs something to be known.
#include "core/segment/lookup.hpp"

#include "core/segment/calendar.hpp"

namespace cdp::core {

namespace {

using Kind = LookupNode::Kind;

class Writer {
 public:
  Writer(Lookup& to, std::optional<std::int64_t> as_of, const Poll& poll) : to_(to), as_of_(as_of), poll_(poll) {}

  void rule(const ProgramNode& node, bool negated) {
    poll_();
    const std::byte* at = node.body.data();
    switch (node.op) {
      case Opcode::negation: return rule(trusted_node(at), !negated);
      case Opcode::all_of:
      case Opcode::any_of: {
        const std::size_t here = add((node.op == Opcode::all_of) != negated ? Kind::all_of : Kind::any_of);
        any_child(node.body, [&](const ProgramNode& child) {
          rule(child, negated);
          ++to_.nodes[here].count;
          return false;
        });
        return;
      }
      default: return predicate(node, negated);
    }
  }

 private:
  std::size_t add(Kind kind) {
    to_.nodes.push_back({kind, 0});
    return to_.nodes.size() - 1;
  }
  void key(FactKey least, FactKey greatest) {
    to_.keys.push_back({least, greatest});
    ++to_.nodes.back().count;
  }
  void key(FactKey key) { this->key(key, key); }

  // Any value of the path; of an object's member, as golden as what surrounds it.
  void known(const fact::Path& path) {
    add(Kind::any_key);
    key(path.least(), path.greatest());
  }

  // Some source gave a value: only the outermost attribute has a key for that.
  void observed(std::string_view path) {
    add(Kind::any_key);
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1))
      key(fact::Path(path.substr(0, dot)).least(), fact::Path(path.substr(0, dot)).greatest());
    key(fact::Path(path).least(), fact::Path(path).greatest());
  }

  void predicate(const ProgramNode& node, bool negated) {
    const std::byte* at = node.body.data();
    const Subject subject(trusted_node(at));
    const bool absence = node.op == (negated ? Opcode::is_known : Opcode::is_unknown);
    if (absence) {
      add(Kind::always);
    } else if (subject.op == Opcode::observed || subject.op == Opcode::from_source) {
      observed(subject.path);
    } else {
      golden(node.op, fact::Path(subject.path), at, negated || subject.op == Opcode::freshness);
    }
  }

  // `any`: whatever the value is.
  void golden(Opcode op, const fact::Path& path, const std::byte* at, bool any) {
    if (any) return known(path);
    switch (op) {
      case Opcode::equal: add(Kind::any_key); return key(path.value(trusted_value(at)));
      case Opcode::less:
      case Opcode::at_most: return until(path, trusted_value(at));
      case Opcode::greater:
      case Opcode::at_least: return from(path, trusted_value(at));
      case Opcode::between: {
        const Value least = trusted_value(at);
        return between(path, least, trusted_value(at));
      }
      case Opcode::in: return each(Kind::any_key, at, [&](const Value& value) { return path.value(value); });
      case Opcode::contains: add(Kind::any_key); return key(path.element(trusted_value(at)));
      case Opcode::contains_any: return each(Kind::any_key, at, [&](const Value& v) { return path.element(v); });
      case Opcode::contains_all: return each(Kind::all_keys, at, [&](const Value& v) { return path.element(v); });
      case Opcode::within: return window(path, trusted_node(at));
      default: return known(path);
    }
  }

  void until(const fact::Path& path, const Value& greatest) {
    if (!fact::is_ordered(greatest.type)) return known(path);
    add(Kind::any_key);
    key(path.least(), path.value(greatest));
  }
  void from(const fact::Path& path, const Value& least) {
    if (!fact::is_ordered(least.type)) return known(path);
    add(Kind::any_key);
    key(path.value(least), path.greatest_number());
  }
  void between(const fact::Path& path, const Value& least, const Value& greatest) {
    if (!fact::is_ordered(least.type) || !fact::is_ordered(greatest.type)) return known(path);
    add(Kind::any_key);
    key(path.value(least), path.value(greatest));
  }

  template <typename KeyOf>
  void each(Kind kind, const std::byte* at, KeyOf&& key_of) {
    const ConstantList list(trusted_node(at).body);
    add(kind);
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      poll_();
      key(key_of(list[i]));
    }
  }

  void window(const fact::Path& path, const ProgramNode& node) {
    const bool fixed = node.op == Opcode::since || node.op == Opcode::between_times;
    if (!as_of_ && !fixed) return known(path);
    if (!as_of_) {
      const std::byte* at = node.body.data();
      const Value first = trusted_value(at);
      return node.op == Opcode::since ? from(path, first) : between(path, first, trusted_value(at));
    }
    const rule::Edges edges = rule::edges_of(node, *as_of_);
    add(Kind::any_key);
    key(path.time(edges.from), path.time(edges.to));
  }

  Lookup& to_;
  std::optional<std::int64_t> as_of_;
  const Poll& poll_;
};

}  // namespace

Lookup lookup_of(const Segment& segment, std::optional<std::int64_t> as_of, std::pmr::memory_resource* resource,
                 const Poll& poll) {
  Lookup lookup(resource);
  Writer(lookup, as_of, poll).rule(segment.root(), false);
  return lookup;
}

}  // namespace cdp::core
