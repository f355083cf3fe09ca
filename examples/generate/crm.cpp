#include "records.hpp"

namespace example {
namespace {

constexpr std::string_view kStages[] = {"qualified", "proposal", "negotiation", "won", "won", "lost"};
constexpr std::string_view kSubjects[] = {
    "Parcel has not arrived",   "Wrong item delivered", "Invoice is missing",      "Cannot log in",
    "Please change my address", "Refund not received",  "Question about an offer", "Damaged goods"};

class Crm {
 public:
  Crm(const World& world, std::uint64_t seed, Records& records) : world_(world), random_(seed), records_(records) {}

  void record() {
    for (const Company& company : world_.companies) add_account(company);
    for (const Person& person : world_.people) add_contacts(person);
    for (std::size_t i = 0; i < world_.people.size(); ++i) add_tickets(i);
  }

 private:
  std::string maybe(unsigned chance, std::string value) { return random_.percent(chance) ? value : std::string(); }

  void add_account(const Company& company) {
    // Row i is company i and keeps the id i + 1: accounts are numbered as they were founded.
    const Minute at = Minute{kFirstDay - 400} * 1440 + static_cast<Minute>(records_.account.rows.size());
    records_.account.rows.push_back({at,
                                     kNobody,
                                     {company.name, std::string(company.industry), company.domain, company.city,
                                      std::string(company.culture->country),
                                      "+" + std::string(company.culture->calling_code) + company.switchboard}});
  }

  void add_contacts(const Person& person) {
    if (!random_.percent(person.jobs.empty() ? 35 : 75)) return;
    const std::size_t index = static_cast<std::size_t>(&person - world_.people.data());
    const Minute first = some_minute(kFirstDay, kLastDay - 200, random_);
    add_contact(index, first);
    // The same person again, by a colleague who did not look.
    if (random_.percent(22)) add_contact(index, some_minute(static_cast<Day>(first / 1440), kLastDay, random_));
    // A new job makes a new contact at the new account.
    if (person.jobs.size() > 1 && person.jobs[1].from * Minute{1440} > first && random_.percent(75))
      add_contact(index, some_minute(person.jobs[1].from, kLastDay, random_));
  }

  void add_contact(std::size_t index, Minute at) {
    const Person& person = world_.people[index];
    const Day date = static_cast<Day>(at / 1440);
    const Job* job = person.job(date);
    const WrittenName name = write_name(person, random_.percent(40), random_);
    const std::string email = contact_email(person, job);
    const std::string phone = contact_phone(person, job, date);
    const std::string mobile = random_.percent(62) ? write_phone(person, person.phone(date), random_) : "";
    const Address& home = person.address(date);
    std::string street, city, postcode;
    if (random_.percent(job == nullptr ? 85 : 45)) {
      street = write_street(home, random_);
      city = write_city(home, random_);
      postcode = maybe(85, write_postcode(home, random_));
    }
    const std::string birthday = maybe(45, date_text(random_.percent(4) ? person.birthday + 10 : person.birthday));
    const Minute updated = at + random_.between(0, 60 * 1440);
    records_.contact.rows.push_back({at,
                                     index,
                                     {job == nullptr ? "" : std::to_string(job->company + 1), name.given, name.surname,
                                      job == nullptr ? "" : std::string(job->title), email, phone, mobile, street, city,
                                      postcode, maybe(94, std::string(person.culture->country)), birthday,
                                      time_text(at), time_text(std::min(updated, Minute{kLastDay} * 1440))}});
    if (job != nullptr && random_.percent(55)) add_opportunity(records_.contact.rows.size() - 1, job->company, at);
  }

  std::string contact_email(const Person& person, const Job* job) {
    if (random_.percent(8)) return {};
    if (job == nullptr || random_.percent(25)) return write_email(person.email, random_);
    const Company& company = world_.companies[job->company];
    if (random_.percent(6)) return "info@" + company.domain;
    std::string email = write_email(job->email, random_);
    return random_.percent(50) ? replaced(email, company.domain, company.ascii_domain) : email;
  }

  // The company's switchboard, the household's telephone, or none.
  std::string contact_phone(const Person& person, const Job* job, Day date) {
    if (job != nullptr && random_.percent(45)) {
      const Company& company = world_.companies[job->company];
      return phone_spelling(company.culture->calling_code, company.switchboard, random_);
    }
    if (!person.landline.empty() && date < person.moved && random_.percent(60))
      return write_phone(person, person.landline, random_);
    return {};
  }

  void add_opportunity(std::size_t contact, std::size_t company, Minute contact_at) {
    const Minute at = some_minute(static_cast<Day>(contact_at / 1440), kLastDay, random_);
    const std::string_view stage = random_.pick(kStages);
    const std::string amount = std::to_string(random_.between(8, 900) * 100);
    const std::string closed = stage == "won" || stage == "lost" ? date_text(static_cast<Day>(at / 1440) + 20) : "";
    records_.opportunity.rows.push_back(
        {at, kNobody, {"", std::to_string(company + 1), std::string(stage), amount, time_text(at), closed}, contact});
  }

  void add_tickets(std::size_t index) {
    const Person& person = world_.people[index];
    if (!random_.percent(24)) return;
    for (int left = random_.between(1, 3); left > 0; --left) {
      const Minute at = some_minute(kFirstDay, kLastDay, random_);
      const Day date = static_cast<Day>(at / 1440);
      const WrittenName name = write_name(person, random_.percent(25), random_);
      // Written by e-mail, or by the clerk who took the call.
      const bool by_mail = random_.percent(65);
      const Job* job = person.job(date);
      const std::string& address = job != nullptr && random_.percent(40) ? job->email : person.email;
      const std::string email = by_mail ? write_email(address, random_) : "";
      const std::string phone = !by_mail || random_.percent(30) ? write_phone(person, person.phone(date), random_) : "";
      const std::string status = random_.percent(30) ? "open" : "solved";
      const std::string country = maybe(80, std::string(person.culture->country));
      const std::string shown = name.surname.empty() ? name.given : name.given + ' ' + name.surname;
      const std::size_t known = random_.percent(30) ? contact_of(index, at) : kNobody;
      records_.ticket.rows.push_back(
          {at,
           index,
           {"", shown, email, phone, country, std::string(random_.pick(kSubjects)), status, time_text(at)},
           known});
    }
  }

  std::size_t contact_of(std::size_t index, Minute at) const {
    const std::vector<Row>& rows = records_.contact.rows;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i].person == index && rows[i].at <= at) return i;
    return kNobody;
  }

  const World& world_;
  Random random_;
  Records& records_;
};

}  // namespace

void record_crm(const World& world, std::uint64_t seed, Records& records) {
  records.account = {"crm.account", "name,industry,domain,city,country,phone"};
  records.contact = {"crm.contact",
                     "account_id,given_name,surname,title,email,phone,mobile,street,city,postcode,country,birthday,"
                     "created_at,updated_at"};
  records.opportunity = {"crm.opportunity", "contact_id,account_id,stage,amount,created_at,closed_on",
                         &records.contact};
  records.ticket = {"crm.ticket", "contact_id,requester,email,phone,country,subject,status,opened_at",
                    &records.contact};
  Crm(world, seed, records).record();
}

}  // namespace example
