// Tells a story to a space: in an order of its own, one by one or in bulk, alone or with others.
#pragma once

#include <atomic>
#include <thread>

#include "pg/space_story.hpp"

namespace cdp::test {

// A statement for items of one door and one source.
inline std::string told(const std::vector<Item>& items, Dice& dice) {
  const std::string source = "'" + items[0].source + "'";
  const auto listed = [&](auto&& text) {
    std::string all;
    for (const Item& item : items) all += (all.empty() ? "" : ", ") + text(item);
    return all;
  };
  switch (items[0].door) {
    case Item::Door::link:
      return "SELECT cdp.add_links('{space}', $$VALUES " + listed([](const Item& i) { return i.link(); }) + "$$, " +
             source + ")";
    case Item::Door::event: {
      const std::string events = listed([](const Item& i) { return i.event(); });
      if (items.size() == 1 || dice.chance(50))
        return "SELECT cdp.ingest('{space}', jsonb_build_array(" + events + "), " + source + ")";
      return "WITH i AS (INSERT INTO {space}.inbox (source, event) SELECT " + source + ", unnest(ARRAY[" + events +
             "])::text RETURNING 1) SELECT count(*) FROM i; SELECT cdp.drain_batch('{space}', 3)";
    }
    case Item::Door::call: break;
  }
  if (items.size() == 1)
    return "SELECT cdp.identify('{space}', " + items[0].identifiers() + ", " + items[0].attributes() + ", " + source +
           ", " + day(items[0].day) + ")";
  return "SELECT cdp.identify_many('{space}', ARRAY[" + listed([](const Item& i) { return i.identifiers(); }) +
         "], ARRAY[" + listed([](const Item& i) { return i.attributes(); }) + "], " + source + ", ARRAY[" +
         listed([](const Item& i) { return day(i.day); }) + "])";
}

class Teller {
 public:
  Teller(std::string space, unsigned seed) : space_(std::move(space)), dice_(seed) {}

  // Nobody is known, and these are the rules.
  void begin(const std::string& rules) {
    run("DO $$ DECLARE t text; BEGIN FOREACH t IN ARRAY '{decision_side,decision_link,decision,change_link,change,move,"
        "rename,link,part,event,message,inbox,rejected,dirty,run,identifier,profile}'::text[] LOOP EXECUTE "
        "format('DELETE "
        "FROM {space}.%I', t); END LOOP; END $$");
    run("SELECT cdp.set_rules('{space}', $$" + rules + "$$)");
    outcomes.clear();
    ids_.clear();
  }

  // In some order; bulk: many at once, and decided by and by.
  void tell(const Story& story, bool bulk) {
    std::vector<Item> items = story.items();
    dice_.shuffle(items);
    std::vector<std::size_t> decided = places(story, items), ruled;
    for (std::size_t i = 0; i < story.changes().size(); ++i) ruled.push_back(dice_.below(items.size() + 1));
    std::sort(ruled.begin(), ruled.end());
    std::vector<Item> chunk;
    for (std::size_t i = 0; i <= items.size(); ++i) {
      const bool other = i == items.size() ||
                         (!chunk.empty() && (chunk[0].door != items[i].door || chunk[0].source != items[i].source));
      const std::size_t before = next_;
      if (!chunk.empty() && (!bulk || other || dice_.chance(20) || next_is(decided, i) ||
                             std::find(ruled.begin(), ruled.end(), i) != ruled.end())) {
        run(told(chunk, dice_));
        chunk.clear();
      }
      while (next_is(decided, i)) decide(session_, story, next_++);
      if (bulk && next_ == before && dice_.chance(5))
        run(dice_.chance(70) ? "CALL cdp.resolve('{space}', batch => 3)" : "CALL cdp.resolve('{space}', 'all')");
      for (std::size_t r = 0; r < ruled.size(); ++r)
        if (ruled[r] == i) run("SELECT cdp.set_rules('{space}', $$" + story.changes()[r] + "$$)");
      if (i < items.size()) chunk.push_back(items[i]);
    }
  }

  // By many at once, beside stewards, of whom each decides about graphs of his own.
  void tell_with(const Story& story, const std::vector<Session>& sessions, unsigned stewards) {
    std::vector<Item> items = story.items();
    dice_.shuffle(items);
    // What decisions are about comes first.
    auto rest = items.begin();
    for (const Decision& decision : story.decisions())
      for (const Story::Need& need : Story::needs(decision))
        if (const auto met = [&](const Item& item) { return need.met_by(item); };
            std::none_of(items.begin(), rest, met)) {
          std::iter_swap(rest, std::find_if(rest, items.end(), met));
          ++rest;
        }
    for (auto item = items.begin(); item != rest; ++item) run(told({*item}, dice_));
    std::vector<std::vector<std::string>> calls(sessions.size());
    for (auto item = rest; item != items.end(); ++item)
      calls[dice_.below(sessions.size())].push_back(told({*item}, dice_));
    outcomes.resize(story.decisions().size());
    ids_.resize(story.decisions().size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < sessions.size(); ++i)
      threads.emplace_back([&, i] {
        for (const std::string& call : calls[i]) run(sessions[i], call);
      });
    for (unsigned steward = 0; steward < stewards; ++steward)
      threads.emplace_back([&, steward] {
        const Session session;
        for (std::size_t i = 0; i < story.decisions().size(); ++i)
          if (story.decisions()[i].graph % stewards == steward) decide(session, story, i);
      });
    for (const std::string& rules : story.changes()) run("SELECT cdp.set_rules('{space}', $$" + rules + "$$)");
    for (std::thread& thread : threads) thread.join();
  }

  // From scratch, by the evidence that another space holds, by the last rules, at once.
  void tell_at_once(const Story& story, const std::string& other) {
    begin(story.last_rules());
    outcomes.resize(story.decisions().size());
    ids_.resize(story.decisions().size());
    run("SELECT cdp.identify_many('{space}', array_agg(jsonb_build_object(type, value))) FROM " + other +
        ".identifier");
    for (std::size_t i = 0; i < story.decisions().size(); ++i)
      if (story.decisions()[i].kind != Decision::Kind::reject) decide(session_, story, i);
    for (const char* const source : {"default", "web", "crm"})
      run("SELECT cdp.add_links('{space}', $$SELECT a.type, a.value, b.type, b.value, l.confidence, l.first_seen, "
          "l.last_seen FROM " +
          other + ".link AS l JOIN " + other + ".identifier AS a ON a.id = l.a JOIN " + other +
          ".identifier AS b ON b.id = l.b JOIN " + other + ".source AS s USING (source_id) WHERE s.source = '" +
          source + "'$$, '" + source + "')");
    run("UPDATE {space}.link AS l SET rejected = true FROM {space}.identifier AS a, {space}.identifier AS b, "
        "{space}.source AS s WHERE a.id = l.a AND b.id = l.b AND "
        "s.source_id = l.source_id AND EXISTS (SELECT FROM " +
        other + ".link AS o JOIN " + other + ".identifier AS x ON x.id = o.a JOIN " + other +
        ".identifier AS y ON y.id = o.b JOIN " + other +
        ".source AS t USING (source_id) WHERE o.rejected AND t.source = s.source AND ((x.type, x.value, y.type, "
        "y.value) = "
        "(a.type, a.value, b.type, b.value) OR (y.type, y.value, x.type, x.value) = (a.type, a.value, b.type, "
        "b.value)))");
    end();
  }

  // Nothing waits any longer.
  void end() {
    while (session_.text(in_space("SELECT rows FROM cdp.drain_batch('{space}', 100)", space_)) != "0") {
    }
    for (int i = 0; i < 5 && session_.text(in_space("SELECT EXISTS (SELECT FROM {space}.dirty) OR EXISTS (SELECT FROM "
                                                    "{space}.identifier WHERE flip_parked)",
                                                    space_)) == "t";
         ++i)
      run("CALL cdp.resolve('{space}', flips => true)");
  }

  std::string ask(const std::string& query) const { return session_.text(in_space(query, space_)); }
  std::string broken() const { return test::broken(session_, space_); }
  std::string partition() const { return test::partition(session_, space_); }
  std::string customers() const { return test::customers(session_, space_); }
  std::string quarantine() const { return test::quarantine(session_, space_); }
  void run(const std::string& call) const { run(session_, call); }

  std::vector<std::string> outcomes;  // of decisions: their SQLSTATEs

 private:
  void run(const Session& session, const std::string& call) const {
    const Outcome outcome = session.run(in_space(call, space_));
    EXPECT_TRUE(outcome.ok()) << call << ": " << outcome.whole();
  }

  bool next_is(const std::vector<std::size_t>& decided, std::size_t place) {
    return next_ < decided.size() && decided[next_] == place;
  }

  // Before which item each decision is taken.
  std::vector<std::size_t> places(const Story& story, const std::vector<Item>& items) {
    std::vector<std::size_t> all;
    std::size_t place = 0;
    for (const Decision& decision : story.decisions()) {
      for (const Story::Need& need : Story::needs(decision)) {
        const auto met = std::find_if(items.begin(), items.end(), [&](const Item& item) { return need.met_by(item); });
        place = std::max(place, static_cast<std::size_t>(met - items.begin()) + 1);
      }
      if (dice_.chance(50)) place += dice_.below(items.size() + 1 - place);
      all.push_back(place);
    }
    next_ = 0;
    outcomes.resize(all.size());
    ids_.resize(all.size());
    return all;
  }

  // Of somebody who is known. While everything is written anew, who asked just before finds nobody: he asks again.
  std::string id(const Session& session, const Name& name) const {
    std::string id;
    for (int i = 0; i < 100 && id.empty(); ++i)
      id = session.text("SELECT cdp.identifier_id('" + space_ + "', '" + name.type + "', '" + name.value + "')");
    return id;
  }
  std::string list(const Session& session, const std::vector<Name>& names) const {
    std::string text;
    for (const Name& name : names) text += (text.empty() ? "" : ", ") + id(session, name);
    return "ARRAY[" + text + "]::bigint[]";
  }
  std::string call_of(const Session& session, const Decision& decision) const {
    const auto two = [&] { return id(session, decision.a[0]) + ", " + id(session, decision.b[0]); };
    switch (decision.kind) {
      case Decision::Kind::join: return "join('{space}', " + two() + ")";
      case Decision::Kind::cut: return "cut('{space}', " + two() + ")";
      case Decision::Kind::keep_apart:
        return "keep_apart('{space}', " + list(session, decision.a) + ", " + list(session, decision.b) + ")";
      case Decision::Kind::undo:
        return "undo('{space}', " + (ids_[decision.undone].empty() ? "NULL" : ids_[decision.undone]) + ")";
      case Decision::Kind::reject: break;
    }
    return "reject('{space}', ARRAY[least(" + two() + ")], ARRAY[greatest(" + two() +
           ")], ARRAY[(SELECT source_id FROM {space}.source WHERE source = '" + decision.source + "')], ARRAY[0])";
  }
  void decide(const Session& session, const Story& story, std::size_t index) {
    const std::string call = call_of(session, story.decisions()[index]);
    const Outcome outcome = session.run(in_space("SELECT cdp." + call, space_));
    outcomes[index] = outcome.state();
    ids_[index] = outcome.at(0).value_or("");
  }

  Session session_;
  std::string space_;
  Dice dice_;
  std::vector<std::string> ids_;
  std::size_t next_ = 0;
};

}  // namespace cdp::test
