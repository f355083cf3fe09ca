// Writes the example data: the tables of a CRM and of a web shop as CSV files, and truth.csv, which says for every
// record whose it is. The same arguments give the same bytes on every machine.
//
//   generate DIR [PEOPLE [SEED]]
#include <charconv>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "records.hpp"

namespace example {
namespace {

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("could not write " + path);
}

std::vector<std::size_t> in_order(const Table& table) {
  std::vector<std::size_t> rows(table.ids.size());
  for (std::size_t row = 0; row < rows.size(); ++row) rows[table.ids[row] - 1] = row;
  return rows;
}

void write_table(const std::string& directory, const Table& table, std::string& truth) {
  const std::string kind(table.name.substr(table.name.find('.') + 1));
  std::string text = kind + "_id," + std::string(table.header) + '\n';
  for (const std::size_t row : in_order(table)) {
    const std::string id = std::to_string(table.ids[row]);
    text += id + ',' + csv_line(table.rows[row].fields);
    if (table.rows[row].person != kNobody)
      truth += kind + ':' + id + ',' + std::to_string(table.rows[row].person + 1) + '\n';
  }
  write_file(directory + '/' + std::string(table.name) + ".csv", text);
}

std::uint64_t number(const char* text) {
  std::uint64_t value = 0;
  const std::string digits(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size())
    throw std::runtime_error("invalid number: \"" + digits + "\"");
  return value;
}

void run(const std::string& directory, std::size_t people, std::uint64_t seed) {
  const World world = make_world(people, seed);
  Records records;
  record_crm(world, seed ^ 0x63726d, records);
  record_shop(world, seed ^ 0x73686f70, records);
  records.number_rows();
  std::string truth = "record,person\n";
  for (const Table* table : {&records.account, &records.contact, &records.opportunity, &records.ticket,
                             &records.customer, &records.visitor, &records.order})
    write_table(directory, *table, truth);
  write_file(directory + "/truth.csv", truth);
}

}  // namespace
}  // namespace example

int main(int count, char** arguments) {
  try {
    if (count < 2 || count > 4) throw std::runtime_error("usage: generate DIR [PEOPLE [SEED]]");
    example::run(arguments[1], count > 2 ? example::number(arguments[2]) : 2000,
                 count > 3 ? example::number(arguments[3]) : 1);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "generate: %s\n", error.what());
    return 1;
  }
  return 0;
}
