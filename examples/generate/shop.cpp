#include "records.hpp"

namespace example {
namespace {

constexpr std::string_view kCampaigns[] = {"", "", "", "newsletter", "search", "social", "affiliate"};

class Shop {
 public:
  Shop(const World& world, std::uint64_t seed, Records& records) : world_(world), random_(seed), records_(records) {}

  void record() {
    for (std::size_t i = 0; i < world_.people.size(); ++i) {
      logins_.clear();
      if (!random_.percent(60)) continue;
      if (random_.percent(75)) add_login(i);
      if (!logins_.empty() && random_.percent(9)) add_login(i);  // forgot the first one
      // Many buy once, few often.
      int orders = random_.percent(65) ? random_.between(1, 2) : 0;
      while (orders > 0 && orders < 12 && random_.percent(35)) ++orders;
      for (; orders > 0; --orders) add_order(i);
      for (int visits = random_.between(0, 3); visits > 0; --visits) add_visit(i);
    }
  }

 private:
  // The latest login of this person that existed by then.
  std::size_t login_at(Minute at) const {
    std::size_t found = kNobody;
    for (const std::size_t login : logins_)
      if (records_.customer.rows[login].at <= at) found = login;
    return found;
  }

  std::string device(const Person& person) {
    return !person.shared_device.empty() && random_.percent(35) ? person.shared_device : person.device;
  }

  std::string shop_email(const Person& person) {
    if (!person.shared_email.empty() && random_.percent(30)) return write_email(person.shared_email, random_);
    const bool other = !person.other_email.empty() && random_.percent(40);
    return write_email(other ? person.other_email : person.email, random_);
  }

  void add_login(std::size_t index) {
    const Person& person = world_.people[index];
    const Minute at = some_minute(kFirstDay, kLastDay - 120, random_);
    const Day date = static_cast<Day>(at / 1440);
    const WrittenName name = write_name(person, random_.percent(12), random_);
    const std::string email = shop_email(person);
    const std::string phone = random_.percent(70) ? write_phone(person, person.phone(date), random_) : "";
    const Address& home = person.address(date);
    const std::string street = write_street(home, random_);
    const std::string city = write_city(home, random_);
    const std::string postcode = write_postcode(home, random_);
    const std::string birthday = random_.percent(45) ? date_text(person.birthday) : "";
    logins_.push_back(records_.customer.rows.size());
    records_.customer.rows.push_back({at,
                                      index,
                                      {name.given, name.surname, email, phone, street, city, postcode,
                                       std::string(person.culture->country), birthday, time_text(at)}});
  }

  void add_order(std::size_t index) {
    const Person& person = world_.people[index];
    const Minute at = some_minute(kFirstDay, kLastDay, random_);
    const Day date = static_cast<Day>(at / 1440);
    const std::size_t login = random_.percent(75) ? login_at(at) : kNobody;
    const WrittenName name = write_name(person, random_.percent(8), random_);
    const std::string email = login == kNobody && random_.percent(85) ? shop_email(person) : "";
    const std::string phone =
        email.empty() || random_.percent(40) ? write_phone(person, person.phone(date), random_) : "";
    const Address& home = person.address(date);
    const std::string street = write_street(home, random_);
    const std::string city = write_city(home, random_);
    const std::string postcode = write_postcode(home, random_);
    const std::string from = random_.percent(85) ? device(person) : "";
    const int base = random_.between(9, 120);
    const int amount = random_.percent(12) ? base * 6 : base;
    const std::string status = random_.percent(6) ? "returned" : "delivered";
    records_.order.rows.push_back(
        {at,
         index,
         {"", from, name.surname.empty() ? name.given : name.given + ' ' + name.surname, email, phone, street, city,
          postcode, std::string(person.culture->country), std::to_string(amount) + ".90", status, time_text(at)},
         login});
  }

  void add_visit(std::size_t index) {
    const Person& person = world_.people[index];
    const Minute at = some_minute(kFirstDay, kLastDay, random_);
    const std::size_t login = random_.percent(45) ? login_at(at) : kNobody;
    const std::string from = device(person);
    const std::string pages = std::to_string(random_.between(1, 24));
    const std::string campaign(random_.pick(kCampaigns));
    // Someone who isn't logged in may leave an e-mail address for the newsletter.
    const std::string email = login == kNobody && random_.percent(12) ? shop_email(person) : "";
    records_.visitor.rows.push_back({at, index, {"", from, pages, campaign, email, time_text(at)}, login});
  }

  const World& world_;
  Random random_;
  Records& records_;
  std::vector<std::size_t> logins_;  // of the person at hand
};

}  // namespace

void record_shop(const World& world, std::uint64_t seed, Records& records) {
  records.customer = {"shop.customer",
                      "given_name,surname,email,phone,street,city,postcode,country,birthday,created_at"};
  records.visitor = {"shop.visitor", "customer_id,device_id,pages,campaign,email,visited_at", &records.customer};
  records.order = {"shop.order",
                   "customer_id,device_id,recipient,email,phone,street,city,postcode,country,amount,status,ordered_at",
                   &records.customer};
  Shop(world, seed, records).record();
}

}  // namespace example
