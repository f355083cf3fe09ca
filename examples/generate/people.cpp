#include "people.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace example {

const Day kFirstDay = day(2023, 1, 1);
const Day kLastDay = day(2026, 3, 31);

namespace {

// Nowhere in this program are two random numbers drawn in one expression whose order the language leaves open.
constexpr std::string_view kTitles[] = {"Buyer",      "Sales Manager",     "Accountant",
                                        "Engineer",   "Managing Director", "Office Manager",
                                        "Head of IT", "Consultant",        "Logistics Planner"};
constexpr std::string_view kIndustries[] = {"textiles", "transport", "food", "software", "construction", "energy"};

const Culture& pick_culture(Random& random) {
  const std::size_t roll = random.below(100);
  if (roll < 35) return kTurkish;
  if (roll < 57) return kSerbian;
  if (roll < 71) return kPersian;
  if (roll < 85) return kIndonesian;
  return kEnglish;
}

class Builder {
 public:
  explicit Builder(std::uint64_t seed) : random_(seed) {}

  World build(std::size_t people) {
    for (std::size_t i = 0; i < people / 16 + 5; ++i) add_company();
    while (world_.people.size() < people) add_household(people - world_.people.size());
    return std::move(world_);
  }

 private:
  template <typename Make>
  std::string unique(Make make) {
    for (;;) {
      std::string value = make();
      if (taken_.insert(value).second) return value;
    }
  }

  std::string number(const Culture& culture, std::string_view pattern) {
    return unique([&] { return std::string(culture.calling_code) + '-' + with_digits(pattern, random_); })
        .substr(culture.calling_code.size() + 1);
  }

  std::string device() {
    return unique([&] {
      static constexpr char kHex[] = "0123456789abcdef";
      std::string id = "d-";
      for (std::uint64_t bits = random_.next(), i = 0; i < 12; ++i, bits >>= 4) id += kHex[bits & 15];
      return id;
    });
  }

  void add_company() {
    const Culture& culture = pick_culture(random_);
    const City& city = random_.pick(culture.cities);
    Company company;
    company.culture = &culture;
    company.name = unique([&] {
      const std::string name(random_.pick(culture.companies));
      return taken_.contains(name) ? name + ' ' + std::to_string(random_.between(2, 99)) : name;
    });
    company.city = city.name;
    company.industry = random_.pick(kIndustries);
    company.switchboard = number(culture, city.landline);
    std::string label;
    for (const char c : lower_ascii(plain(company.name)))
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) label += c;
    company.domain = company.ascii_domain = label + ".example";
    // One company shows its name with its letters, in both spellings of an internationalised domain.
    if (company.name == "Güneş Enerji") {
      company.domain = "güneş-enerji.example";
      company.ascii_domain = "xn--gne-enerji-9db40j.example";
    }
    world_.companies.push_back(std::move(company));
  }

  Address add_address(const Culture& culture) {
    const City& city = random_.pick(culture.cities);
    const std::string_view street = random_.pick(culture.streets);
    const std::string house = std::to_string(random_.between(1, 180));
    return {&city, replaced(street, "#", house), with_digits(city.postcode, random_)};
  }

  std::string private_email(const Person& person) {
    const std::string given = lower_ascii(plain(person.given.latin));
    const std::string surname = replaced(lower_ascii(plain(person.surname.latin)), "'", "");
    const std::string year = date_text(person.birthday).substr(2, 2);
    return unique([&] {
      std::string local;
      switch (random_.below(4)) {
        case 0: local = surname.empty() ? given + year : given + '.' + surname; break;
        case 1: local = given.substr(0, 1) + (surname.empty() ? given : surname) + year; break;
        case 2: local = given + (surname.empty() ? "" : "_" + surname) + std::to_string(random_.between(1, 99)); break;
        default: local = given + std::to_string(random_.between(100, 9999)); break;
      }
      return local + '@' + std::string(random_.pick(person.culture->free_mail));
    });
  }

  void add_job(Person& person, Day from) {
    Job job;
    job.company = random_.below(world_.companies.size());
    // Most people work in their own country.
    for (int i = 0; i < 12 && world_.companies[job.company].culture != person.culture; ++i)
      job.company = random_.below(world_.companies.size());
    job.title = random_.pick(kTitles);
    job.from = from;
    const std::string given = lower_ascii(plain(person.given.latin));
    const std::string surname = replaced(lower_ascii(plain(person.surname.latin)), "'", "");
    int namesake = 1;
    job.email = unique([&] {
      const std::string local = surname.empty() ? given : given + '.' + surname;
      return local + (namesake++ == 1 ? "" : std::to_string(namesake - 1)) + '@' + world_.companies[job.company].domain;
    });
    person.jobs.push_back(std::move(job));
  }

  // Parents don't give one name twice: no two people from index `first` on share it.
  Name unique_name(const Culture& culture, std::size_t first) {
    for (;;) {
      const Name& name = random_.pick(random_.percent(50) ? culture.men : culture.women);
      const auto same = [&](const Person& person) { return person.given.latin == name.latin; };
      if (std::none_of(world_.people.begin() + static_cast<std::ptrdiff_t>(first), world_.people.end(), same))
        return name;
    }
  }

  Person add_person(const Culture& culture, const Name& given, const Name& surname) {
    Person person;
    person.culture = &culture;
    person.given = given;
    if (!(&culture == &kIndonesian && random_.percent(40))) person.surname = surname;
    person.birthday = day(1948, 1, 1) + random_.between(0, 58 * 365);
    person.email = private_email(person);
    if (random_.percent(20)) person.other_email = private_email(person);
    person.mobile = number(culture, random_.pick(culture.mobiles));
    person.device = device();
    if (random_.percent(12)) {
      person.new_mobile = number(culture, random_.pick(culture.mobiles));
      person.changed_mobile = random_.between(kFirstDay, kLastDay);
    }
    if (random_.percent(55)) {
      add_job(person, kFirstDay - random_.between(0, 2000));
      if (random_.percent(25)) add_job(person, random_.between(kFirstDay, kLastDay - 90));
    }
    return person;
  }

  void add_household(std::size_t at_most) {
    static constexpr std::size_t kSizes[] = {1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4};
    const Culture& culture = pick_culture(random_);
    const Name family = random_.pick(culture.surnames);
    const Address home = add_address(culture), later = add_address(culture);
    const Day moved = random_.percent(15) ? random_.between(kFirstDay, kLastDay - 60) : kNever;
    const std::size_t size = std::min(at_most, random_.pick(kSizes));
    std::string landline, tablet, mail;
    if (size > 1 && random_.percent(70)) landline = number(culture, home.city->landline);
    if (size > 1 && random_.percent(50)) tablet = device();
    if (size > 1 && random_.percent(20)) {
      mail = unique([&] {
        const std::string_view domain = random_.pick(culture.free_mail);
        return "family." + replaced(lower_ascii(plain(family.latin)), "'", "") +
               std::to_string(random_.between(1, 999)) + '@' + std::string(domain);
      });
    }
    for (std::size_t i = 0; i < size; ++i) {
      // One in five keeps another surname than the family's.
      const Name surname = i > 0 && random_.percent(20) ? random_.pick(culture.surnames) : family;
      const Name given = unique_name(culture, world_.people.size() - i);
      Person person = add_person(culture, given, surname);
      person.home = home;
      person.new_home = later;
      person.moved = moved;
      person.landline = landline;
      person.shared_device = tablet;
      person.shared_email = mail;
      world_.people.push_back(std::move(person));
    }
  }

  Random random_;
  World world_;
  std::set<std::string> taken_;
};

}  // namespace

const Job* Person::job(Day at) const {
  const Job* current = nullptr;
  for (const Job& job : jobs)
    if (job.from <= at) current = &job;
  return current;
}

World make_world(std::size_t people, std::uint64_t seed) { return Builder(seed).build(people); }

}  // namespace example
