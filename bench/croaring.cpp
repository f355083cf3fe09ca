// CRoaring called directly, over serialised sets: what the job audience compares with.
// Reads commands from standard input, answers each with a line.
//   FILE     loads it: a set a line, its portable serialisation in hexadecimal digits
//   count    sum over all pairs of the ids that two sets share, from the cardinality of the intersection
//   and, or  the same, from the intersection or the union, serialised again
#include <roaring/roaring.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Free {
  void operator()(roaring_bitmap_t* bitmap) const { roaring_bitmap_free(bitmap); }
};
using Bitmap = std::unique_ptr<roaring_bitmap_t, Free>;

std::vector<std::string> read_sets(const std::string& file) {
  std::vector<std::string> sets;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::string& set = sets.emplace_back();
    for (std::size_t i = 0; i + 1 < line.size(); i += 2)
      set.push_back(static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16)));
  }
  return sets;
}

Bitmap opened(const std::string& set) {
  return Bitmap(roaring_bitmap_portable_deserialize_safe(set.data(), set.size()));
}

// How many ids the result has, which is run-compressed and serialised as it would be to store it.
std::uint64_t stored(const Bitmap& result, std::string& out) {
  roaring_bitmap_run_optimize(result.get());
  out.resize(roaring_bitmap_portable_size_in_bytes(result.get()));
  roaring_bitmap_portable_serialize(result.get(), out.data());
  return roaring_bitmap_get_cardinality(result.get());
}

std::uint64_t shared(const std::string& a, const std::string& b, const std::string& command, std::string& out) {
  const Bitmap x = opened(a), y = opened(b);
  if (command == "count") return roaring_bitmap_and_cardinality(x.get(), y.get());
  if (command == "and") return stored(Bitmap(roaring_bitmap_and(x.get(), y.get())), out);
  return roaring_bitmap_get_cardinality(x.get()) + roaring_bitmap_get_cardinality(y.get()) -
         stored(Bitmap(roaring_bitmap_or(x.get(), y.get())), out);
}

}  // namespace

int main() {
  std::vector<std::string> sets;
  std::string out;
  for (std::string command; std::getline(std::cin, command);) {
    std::uint64_t sum = 0;
    if (command != "count" && command != "and" && command != "or") {
      sets = read_sets(command);
      sum = sets.size();
    } else {
      for (const std::string& a : sets)
        for (const std::string& b : sets) sum += shared(a, b, command, out);
    }
    std::cout << sum << std::endl;
  }
}
