// src/core/segment/expand.cpp: looking up what rules refer to.
#include "core/segment/expand.hpp"

#include <algorithm>
#include <string>

#include "core/bytes/json_string.hpp"
#include "core/bytes/nearest.hpp"
#include "core/bytes/source.hpp"

namespace cdp::core {

namespace {

std::string quoted(std::string_view name) {
  Buffer text;
  print_json_string(name, text);
  return shown(as_text(text.span()));
}

std::string_view name_of(const ProgramNode& reference) noexcept {
  const std::byte* at = reference.body.data();
  return Subject(trusted_node(at)).path;
}

}  // namespace

Definitions::Definitions(std::span<const Definition> all, const Poll& poll, std::pmr::memory_resource* resource)
    : poll_(poll), resource_(resource), entries_(resource) {
  entries_.reserve(all.size());
  for (const Definition& one : all) entries_.push_back({one.name, one.rule, one.rule.root()});
  const auto before = [](const Entry& a, const Entry& b) { return a.name < b.name; };
  std::stable_sort(entries_.begin(), entries_.end(), before);
  for (std::size_t i = 1; i < entries_.size(); ++i) {
    const Entry &a = entries_[i - 1], &b = entries_[i];
    if (a.name == b.name && compare_bytes(a.rule.payload(), b.rule.payload()) != 0)
      throw Error(Code::invalid_parameter, "segment " + quoted(a.name) + " is defined twice",
                  "Two rules have this name, and they are not the same.");
  }
  const auto same = [](const Entry& a, const Entry& b) { return a.name == b.name; };
  entries_.erase(std::unique(entries_.begin(), entries_.end(), same), entries_.end());
}

std::size_t Definitions::find(std::string_view name) const noexcept {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), name,
                                      [](const Entry& entry, std::string_view key) { return entry.name < key; });
  return static_cast<std::size_t>((found != entries_.end() && found->name == name ? found : entries_.end()) -
                                  entries_.begin());
}

std::size_t Definitions::known(std::string_view name) const {
  const std::size_t found = find(name);
  if (found < entries_.size()) return found;
  std::pmr::vector<std::string_view> names(resource_);
  for (const Entry& entry : entries_) names.push_back(entry.name);
  const std::string_view near = nearest(name, names);
  throw Error(Code::undefined_object, "segment " + quoted(name) + " is not defined", {},
              near.empty() ? "Every segment that is referred to needs a name and a rule."
                           : "Perhaps you meant " + quoted(near) + ".");
}

int Definitions::levels_of(const ProgramNode& node) const {
  poll_();
  if (node.op == Opcode::in_segment) return entries_[find(name_of(node))].levels + 1;
  if (!is_logic(node.op)) return 0;
  int deepest = 0;
  any_operand(node, [&](const ProgramNode& child) {
    deepest = std::max(deepest, levels_of(child));
    return false;
  });
  return deepest + 1;
}

void Definitions::close(Entry& entry) {
  entry.state = State::done;
  entry.levels = levels_of(entry.root);
  if (entry.levels > kMaxRuleDepth)
    throw Error(Code::too_complex, "segment is nested too deeply",
                "A segment is nested at most 1000 levels deep, where each reference to another one is a level.");
  if (entry.root.op == Opcode::in_segment) entry.root = of(name_of(entry.root));
}

void Definitions::fail_cycle(const std::pmr::vector<Frame>& path, std::size_t again) const {
  std::string cycle;
  auto frame = std::find_if(path.begin(), path.end(), [again](const Frame& one) { return one.entry == again; });
  constexpr int kMostShown = 20;
  int shown = 0;
  for (; frame != path.end(); ++frame)
    if (shown++ < kMostShown) cycle += quoted(entries_[frame->entry].name) + " -> ";
  if (shown > kMostShown) cycle += "... -> ";
  const std::string name = quoted(entries_[again].name);
  throw Error(Code::invalid_recursion, "segment " + name + " refers to itself", cycle + name);
}

// Depth first, on a path of our own: it can be as long as there are definitions.
void Definitions::visit(std::pmr::vector<Frame>& path) {
  while (!path.empty()) {
    poll_();
    Frame& here = path.back();
    if (here.next == here.names.size()) {
      close(entries_[here.entry]);
      path.pop_back();
      continue;
    }
    const std::size_t next = known(here.names[here.next++]);
    if (entries_[next].state == State::open) fail_cycle(path, next);
    if (entries_[next].state == State::done) continue;
    entries_[next].state = State::open;
    path.push_back({next, segments_used(entries_[next].rule, resource_)});
  }
}

void Definitions::resolve(const Segment& rule) {
  std::pmr::vector<Frame> path(resource_);
  for (const std::string_view name : segments_used(rule, resource_)) {
    const std::size_t entry = known(name);
    if (entries_[entry].state == State::done) continue;
    entries_[entry].state = State::open;
    path.push_back({entry, segments_used(entries_[entry].rule, resource_)});
    visit(path);
  }
}

void expand_segment(const Segment& rule, std::span<const Definition> all, Buffer& out, const Poll& poll,
                    std::pmr::memory_resource* resource, const Zones* zones) {
  Definitions definitions(all, poll, resource);
  definitions.resolve(rule);
  Buffer text(resource);
  print_expanded(rule.root(), definitions, text);
  parse_segment(as_text(text.span()), out, poll, resource, zones);
}

}  // namespace cdp::core
