// What the sources recorded about the people: the rows of the CRM and of the web shop.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "people.hpp"

namespace example {

inline constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

struct Row {
  Minute at = 0;
  std::size_t person = kNobody;
  std::vector<std::string> fields;  // without the id, which follows from the order of `at`
  std::size_t parent = kNobody;     // index of a row of Table::parent
};

struct Table {
  std::string_view name;          // crm.contact
  std::string_view header;        // without the id
  const Table* parent = nullptr;  // its id is written into the field `parent_field`
  std::size_t parent_field = 0;
  std::vector<Row> rows{};
  std::vector<std::size_t> ids{};  // of each row, set by number_rows
};

struct Records {
  Table account, contact, opportunity, ticket, customer, visitor, order;

  // Every record's id is its place in time, so that the ids say nothing about who is who.
  void number_rows();
};

void record_crm(const World& world, std::uint64_t seed, Records& records);
void record_shop(const World& world, std::uint64_t seed, Records& records);

// Shared by both: how a source writes a person.
struct WrittenName {
  std::string given, surname;
};
// native: in the person's own script where there are two.
WrittenName write_name(const Person& person, bool native, Random& random);
std::string write_phone(const Person& person, std::string_view national, Random& random);
std::string write_email(std::string_view email, Random& random);
std::string write_street(const Address& address, Random& random);
std::string write_city(const Address& address, Random& random);
std::string write_postcode(const Address& address, Random& random);
Minute some_minute(Day from, Day to, Random& random);

}  // namespace example
