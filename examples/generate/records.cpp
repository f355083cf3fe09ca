#include "records.hpp"

#include <algorithm>
#include <numeric>

namespace example {
namespace {

void number_table(Table& table) {
  std::vector<std::size_t> order(table.rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return table.rows[a].at < table.rows[b].at; });
  table.ids.resize(order.size());
  for (std::size_t place = 0; place < order.size(); ++place) table.ids[order[place]] = place + 1;
  if (table.parent == nullptr) return;
  for (Row& row : table.rows)
    if (row.parent != kNobody) row.fields[table.parent_field] = std::to_string(table.parent->ids[row.parent]);
}

std::string with_case(std::string text, const Person& person, unsigned style) {
  const bool turkish = person.culture == &kTurkish;
  if (style == 0) return upper(text, turkish);
  if (style == 1) return lower_ascii(text);
  return text;
}

}  // namespace

void Records::number_rows() {
  for (Table* table : {&account, &contact, &opportunity, &ticket, &customer, &visitor, &order}) number_table(*table);
}

WrittenName write_name(const Person& person, bool native, Random& random) {
  WrittenName name;
  if (native && !person.given.native.empty()) {
    name = {std::string(person.given.native), std::string(person.surname.native)};
    if (random.percent(30)) name = {arabic_letters(name.given), arabic_letters(name.surname)};
    return name;
  }
  name.given = random.percent(12) && !person.given.nick.empty() ? person.given.nick : person.given.latin;
  name.surname = person.surname.latin;
  if (random.percent(7)) name.given = mistyped(name.given, random);
  if (random.percent(7)) name.surname = mistyped(name.surname, random);
  if (native && person.culture == &kSerbian) return {cyrillic(name.given), cyrillic(name.surname)};
  if (!native && random.percent(45)) name = {plain(name.given), plain(name.surname)};
  const unsigned style = static_cast<unsigned>(random.below(12));
  name = {with_case(name.given, person, style), with_case(name.surname, person, style)};
  if (random.percent(2)) name.given = "  " + name.given + " ";
  return name;
}

std::string write_phone(const Person& person, std::string_view national, Random& random) {
  std::string number(national);
  if (random.percent(2)) std::swap(number[number.size() - 2], number[number.size() - 3]);
  number = phone_spelling(person.culture->calling_code, number, random);
  if (person.culture == &kPersian && random.percent(20)) number = persian_digits(number);
  return number;
}

std::string write_email(std::string_view email, Random& random) {
  std::string text(email);
  switch (random.below(16)) {
    case 0: return upper(text, false);
    case 1: return ' ' + text;
    case 2: text[0] = upper(text.substr(0, 1), false)[0]; return text;
    case 3: return random.percent(20) ? mistyped(text, random) : text;
    default: return text;
  }
}

std::string write_street(const Address& address, Random& random) {
  std::string street = address.street;
  switch (random.below(6)) {
    case 0: street = replaced(replaced(street, "Cad.", "Caddesi"), "Sok.", "Sokak"); break;
    case 1: street = replaced(replaced(street, "No: ", "No:"), "Jl.", "Jalan"); break;
    case 2: street = replaced(replaced(street, "Street", "St"), "Road", "Rd"); break;
    case 3: street = plain(street); break;
    case 4: street = mistyped(street, random); break;
    default: break;
  }
  return street;
}

std::string write_city(const Address& address, Random& random) {
  return std::string(random.percent(25) ? address.city->other : address.city->name);
}

std::string write_postcode(const Address& address, Random& random) {
  if (random.percent(4)) return mistyped(address.postcode, random);
  if (random.percent(10)) return replaced(address.postcode, " ", "");
  return address.postcode;
}

Minute some_minute(Day from, Day to, Random& random) {
  const Day date = random.between(from, to);
  return Minute{date} * 1440 + random.between(6 * 60, 22 * 60);
}

}  // namespace example
