// The world that the records describe: companies, households, and people who move, change jobs and telephones.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "culture.hpp"
#include "text.hpp"

namespace example {

inline constexpr Day kNever = std::numeric_limits<Day>::max();
extern const Day kFirstDay, kLastDay;  // the records lie in between

struct Company {
  const Culture* culture = nullptr;
  std::string name, domain, ascii_domain, switchboard, city;
  std::string_view industry;
};

struct Address {
  const City* city = nullptr;
  std::string street, postcode;
};

struct Job {
  std::size_t company = 0;
  std::string_view title;
  std::string email;
  Day from = 0;
};

struct Person {
  const Culture* culture = nullptr;
  Name given, surname;  // the surname is empty for single names
  Day birthday = 0;
  std::vector<Job> jobs;
  Address home, new_home;
  Day moved = kNever;
  std::string mobile, new_mobile;
  Day changed_mobile = kNever;
  std::string email, other_email;  // private addresses
  std::string device;
  // Shared by a household, else empty.
  std::string landline, shared_device, shared_email;

  const Address& address(Day at) const { return at >= moved ? new_home : home; }
  const std::string& phone(Day at) const { return at >= changed_mobile ? new_mobile : mobile; }
  const Job* job(Day at) const;
};

struct World {
  std::vector<Company> companies;
  std::vector<Person> people;
};

// The same world for the same arguments, on every machine.
World make_world(std::size_t people, std::uint64_t seed);

}  // namespace example
