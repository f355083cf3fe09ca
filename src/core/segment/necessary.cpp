// src/core/segment/necessary.cpp: what every profile has that a rule is true of.
#include <algorithm>

#include "core/segment/lookup.hpp"

namespace cdp::core {

namespace {

// From what few profiles have to what all have.
enum class Rank : std::uint8_t { identifier, equality, event, known, always };

struct Need {
  Rank rank;
  std::pmr::vector<FactKey> keys;  // one of them

  bool cheaper_than(const Need& other) const noexcept {
    return rank != other.rank ? rank < other.rank : keys.size() < other.keys.size();
  }
};

class Finder {
 public:
  Finder(std::pmr::memory_resource* resource, const Poll& poll) : resource_(resource), poll_(poll) {}

  Need rule(const ProgramNode& node, bool negated) const {
    poll_();
    const std::byte* at = node.body.data();
    switch (node.op) {
      case Opcode::negation: return rule(trusted_node(at), !negated);
      case Opcode::all_of:
      case Opcode::any_of:
        return (node.op == Opcode::all_of) != negated ? cheapest(node, negated) : united(node, negated);
      default: return predicate(node, negated);
    }
  }

 private:
  Need of(Rank rank, std::initializer_list<FactKey> keys) const { return {rank, {keys, resource_}}; }
  Need always() const { return of(Rank::always, {fact::kAlways}); }

  Need cheapest(const ProgramNode& node, bool negated) const {
    Need best = always();
    any_child(node.body, [&](const ProgramNode& child) {
      Need need = rule(child, negated);
      if (need.cheaper_than(best)) best = std::move(need);
      return false;
    });
    return best;
  }

  Need united(const ProgramNode& node, bool negated) const {
    Need all = of(Rank::identifier, {});
    any_child(node.body, [&](const ProgramNode& child) {
      const Need need = rule(child, negated);
      all.rank = std::max(all.rank, need.rank);
      all.keys.insert(all.keys.end(), need.keys.begin(), need.keys.end());
      std::sort(all.keys.begin(), all.keys.end());
      all.keys.erase(std::unique(all.keys.begin(), all.keys.end()), all.keys.end());
      return all.rank == Rank::always || all.keys.size() > kMostNecessary;
    });
    return all.rank == Rank::always || all.keys.size() > kMostNecessary ? always() : all;
  }

  Need known(std::string_view path) const { return of(Rank::known, {fact::Path(path).known()}); }

  // Some source gave a value: the outermost attribute is known.
  Need observed(std::string_view path) const {
    Need need = known(path);
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1))
      need.keys.push_back(fact::Path(path.substr(0, dot)).known());
    return need.keys.size() > kMostNecessary ? always() : need;
  }

  Need predicate(const ProgramNode& node, bool negated) const {
    const std::byte* at = node.body.data();
    const Subject subject(trusted_node(at));
    if (node.op == (negated ? Opcode::is_known : Opcode::is_unknown)) return always();
    if (subject.op == Opcode::observed || subject.op == Opcode::from_source) return observed(subject.path);
    if (negated || subject.op == Opcode::freshness) return known(subject.path);
    const fact::Path path(subject.path);
    switch (node.op) {
      case Opcode::equal: return of(Rank::equality, {path.value(trusted_value(at))});
      case Opcode::contains: return of(Rank::equality, {path.element(trusted_value(at))});
      case Opcode::contains_all: return of(Rank::equality, {path.element(ConstantList(trusted_node(at).body)[0])});
      case Opcode::in:
      case Opcode::contains_any: {
        const ConstantList list(trusted_node(at).body);
        if (list.size() > kMostNecessary) return known(subject.path);
        Need need = of(Rank::equality, {});
        for (std::uint32_t i = 0; i < list.size(); ++i)
          need.keys.push_back(node.op == Opcode::in ? path.value(list[i]) : path.element(list[i]));
        return need;
      }
      default: return known(subject.path);
    }
  }

  std::pmr::memory_resource* resource_;
  const Poll& poll_;
};

}  // namespace

std::pmr::vector<FactKey> necessary_keys(const Segment& segment, std::pmr::memory_resource* resource,
                                         const Poll& poll) {
  std::pmr::vector<FactKey> keys = Finder(resource, poll).rule(segment.root(), false).keys;
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace cdp::core
