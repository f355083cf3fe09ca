// What is read of an event: of each type, of a batch, of a CloudEvent; when it happened, and who it is about.
#include <gtest/gtest.h>

#include "event_reading.hpp"

namespace cdp::core::event {
namespace {

using test::JsonDocument;

TEST(Event, IdentifyHasTraitsAndNoName) {
  const Reading reading(
      R"({"type":"identify","userId":"019mr8mf4r","anonymousId":"a-1","messageId":"m-1",
          "traits":{"email":"pgibbons@example.com","phone":"+44 20 7946 0018","name":"Peter Gibbons"},
          "context":{"ip":"24.5.68.47"},"timestamp":"2012-12-02T00:30:08.276Z"})");
  const Event& event = reading.events.at(0);
  ASSERT_FALSE(reading.rejections[0]) << shown(*reading.rejections[0]);
  EXPECT_EQ(event.kind, Kind::identify);
  EXPECT_EQ(event.message_id, "m-1");
  EXPECT_EQ(event.name, "");
  EXPECT_EQ(at_of(event), "2012-12-02T00:30:08.276Z");
  EXPECT_EQ(persons_of(event), "user_id=019mr8mf4r anonymous_id=a-1 email=pgibbons@example.com phone=+44 20 7946 0018");
  EXPECT_EQ(JsonDocument::json_of(event.traits),
            R"({"email": "pgibbons@example.com", "name": "Peter Gibbons", "phone": "+44 20 7946 0018"})");
  EXPECT_EQ(event.properties.kind, Field::Kind::absent);
  EXPECT_EQ(event.context_traits.kind, Field::Kind::absent);
}

TEST(Event, TrackIsNamedByItsEvent) {
  const Reading reading(
      R"({"type":"track","userId":"u1","event":"Order Completed","messageId":"m-2",
          "properties":{"revenue":39.95,"email":"friend@example.com","phone":"1"},
          "context":{"locale":"tr-TR","groupId":"12345","traits":{"email":"u1@example.com"}}})");
  const Event& event = reading.events.at(0);
  ASSERT_FALSE(reading.rejections[0]) << shown(*reading.rejections[0]);
  EXPECT_EQ(event.kind, Kind::track);
  EXPECT_EQ(event.name, "Order Completed");
  EXPECT_EQ(event.group_id, "12345");
  // Those in properties are somebody else's, and the group is no person.
  EXPECT_EQ(persons_of(event), "user_id=u1 email=u1@example.com");
  EXPECT_EQ(JsonDocument::json_of(event.context_traits), R"({"email": "u1@example.com"})");
  EXPECT_EQ(JsonDocument::json_of(event.properties),
            R"({"email": "friend@example.com", "phone": "1", "revenue": 39.95})");
  EXPECT_EQ(event.traits.kind, Field::Kind::absent);
}

TEST(Event, PagesAndScreensAreNamedByTheirType) {
  const Reading reading(R"([{"type":"page","anonymousId":"a-1","name":"Home","properties":{"url":"https://x/"}},
                            {"type":"screen","userId":"u","name":"Basket"}, {"type":"page","userId":"u"}])");
  ASSERT_EQ(reading.events.size(), 3U);
  EXPECT_EQ(reading.events[0].kind, Kind::page);
  EXPECT_EQ(reading.events[0].name, "page");
  EXPECT_EQ(reading.events[0].page_name, "Home");
  EXPECT_EQ(JsonDocument::json_of(reading.events[0].properties), R"({"url": "https://x/"})");
  EXPECT_EQ(reading.events[1].kind, Kind::screen);
  EXPECT_EQ(reading.events[1].name, "screen");
  EXPECT_EQ(reading.events[1].page_name, "Basket");
  EXPECT_EQ(reading.events[2].page_name, "");
}

TEST(Event, WhatAGroupIsLikeIdentifiesNobody) {
  const Reading reading(
      R"({"type":"group","userId":"u1","groupId":17,"traits":{"email":"info@initech.com","phone":"555"},
          "context":{"groupId":"other","traits":{"email":"u1@initech.com"}}})");
  const Event& event = reading.events.at(0);
  ASSERT_FALSE(reading.rejections[0]) << shown(*reading.rejections[0]);
  EXPECT_EQ(event.kind, Kind::group);
  EXPECT_EQ(event.name, "group");
  EXPECT_EQ(event.group_id, "17");
  EXPECT_EQ(persons_of(event), "user_id=u1 email=u1@initech.com");
  EXPECT_EQ(event.traits.kind, Field::Kind::absent);
  EXPECT_EQ(JsonDocument::json_of(event.properties), R"({"email": "info@initech.com", "phone": "555"})");
}

TEST(Event, AnAliasJoinsAUserAndAnAnonymousPerson) {
  EXPECT_EQ(persons(R"({"type":"alias","userId":"507f191e81","previousId":"jen@email.com"})"),
            "user_id=507f191e81 anonymous_id=jen@email.com");
  EXPECT_EQ(persons(R"({"type":"alias","userId":"u","anonymousId":"a","previousId":"p"})"),
            "user_id=u anonymous_id=a anonymous_id=p");
  // Nothing but an alias has a previousId.
  EXPECT_EQ(persons(R"({"type":"identify","userId":"u","previousId":"p"})"), "user_id=u");
}

TEST(Event, IdentifiersOfTheContext) {
  EXPECT_EQ(persons(R"({"type":"page","context":{"device":{"id":"B5372DB0","advertisingId":"7A3C"}}})"),
            "device_id=B5372DB0");
  EXPECT_EQ(persons(R"({"type":"page","context":{"externalIds":[
                {"id":"1","type":"loyalty_id","collection":"users","encoding":"none"},
                {"id":2,"type":"crm_id"},
                {"id":"3","type":"account_id","collection":"accounts","encoding":"none"},
                {"id":"4","type":"email","collection":"users","encoding":"sha256"},
                {"id":" ","type":"crm_id"}, {"id":null}]}})"),
            "loyalty_id=1 crm_id=2");
}

TEST(Event, NumbersIdentifyAndNothingDoesNot) {
  EXPECT_EQ(persons(R"({"type":"page","userId":17,"anonymousId":""})"), "user_id=17");
  EXPECT_EQ(persons(R"({"type":"page","userId":12345678901234567890123,"anonymousId":null})"),
            "user_id=12345678901234567890123");
  EXPECT_EQ(persons(R"({"type":"page","userId":" \t\n","anonymousId":"a"})"), "anonymous_id=a");
  EXPECT_EQ(persons(R"({"type":"page","userId":"\u00a0\u200b\ufeff","anonymousId":" a "})"), "anonymous_id= a ");
  EXPECT_EQ(persons(R"({"type":"page","userId":"0","traits":{"email":null}})"), "user_id=0");
}

TEST(Event, AnIdentifierIsNamedOnce) {
  EXPECT_EQ(persons(R"({"type":"identify","userId":"u","traits":{"email":"e"},"context":{"traits":{"email":"e"},
                "externalIds":[{"id":"u","type":"user_id"},{"id":"e","type":"phone"}]}})"),
            "user_id=u email=e phone=e");
}

TEST(Event, EmptyListsStandForEmptyObjects) {
  EXPECT_EQ(persons(R"({"type":"track","event":"e","userId":"u","properties":[],"traits":[],"context":[]})"),
            "user_id=u");
  EXPECT_EQ(persons(R"({"type":"page","userId":"u","properties":null,"context":{"traits":[],"device":[]}})"),
            "user_id=u");
}

TEST(Event, ATimeAloneIsTakenAsItIs) {
  EXPECT_EQ(at(R"({"type":"page","userId":"u","timestamp":"2025-06-01T10:00:00+03:00"})"), "2025-06-01T07:00:00Z");
  EXPECT_EQ(at(R"({"type":"page","userId":"u","originalTimestamp":"1970-01-01T00:00:00Z"})"), "1970-01-01T00:00:00Z");
  EXPECT_EQ(at(R"({"type":"page","userId":"u"})"), "2026-01-02T04:00:00Z");
  EXPECT_EQ(at(R"({"type":"page","userId":"u","timestamp":null,"sentAt":"2026-01-02T00:00:00Z"})"),
            "2026-01-02T04:00:00Z");
  EXPECT_EQ(at(R"({"type":"page","userId":"u","timestamp":"0001-01-01"})"), "0001-01-01T00:00:00Z");
}

TEST(Event, SkewedClocksAreCorrected) {
  // An hour fast.
  EXPECT_EQ(at(R"({"type":"page","userId":"u","timestamp":"2026-01-02T10:00:00Z","sentAt":"2026-01-02T10:00:05Z"})",
               time_of("2026-01-02T09:00:06Z")),
            "2026-01-02T09:00:01Z");
  // A phone that takes today for 1970.
  EXPECT_EQ(at(R"({"type":"page","userId":"u","originalTimestamp":"1970-01-01T00:00:05Z",
                   "sentAt":"1970-01-01T00:01:05Z"})"),
            "2026-01-02T03:59:00Z");
  EXPECT_EQ(at(R"({"type":"page","userId":"u","originalTimestamp":"2099-01-01T00:00:00Z",
                   "sentAt":"2099-01-01T00:00:01Z"})"),
            "2026-01-02T03:59:59Z");
}

TEST(Event, WhatACollectorHasCorrectedStays) {
  // As the spec shows events that it has stored.
  EXPECT_EQ(at(R"({"type":"page","userId":"u","receivedAt":"2015-12-10T04:08:31.909Z",
                   "sentAt":"2015-12-10T04:08:31.581Z","timestamp":"2015-12-10T04:08:31.905Z"})"),
            "2015-12-10T04:08:31.905Z");
  EXPECT_EQ(at(R"({"type":"page","userId":"u","originalTimestamp":"2015-12-10T05:00:00Z",
                   "sentAt":"2015-12-10T05:00:09Z","timestamp":"2015-12-10T04:00:00Z"})"),
            "2015-12-10T04:00:00Z");
}

TEST(Event, TheFutureIsTakenForNow) {
  EXPECT_EQ(at(R"({"type":"page","userId":"u","timestamp":"2026-01-02T04:01:00Z"})"), "2026-01-02T04:01:00Z");
  EXPECT_EQ(at(R"({"type":"page","userId":"u","timestamp":"2026-01-02T04:01:00.000001Z"})"),
            "2026-01-02T04:00:00Z clamped");
  EXPECT_EQ(at(R"({"type":"page","userId":"u","timestamp":"+294276-12-31T23:59:59Z"})"),
            "2026-01-02T04:00:00Z clamped");
  // Done a day after it was sent.
  EXPECT_EQ(at(R"({"type":"page","userId":"u","timestamp":"2026-01-03T00:00:00Z","sentAt":"2026-01-02T00:00:00Z"})"),
            "2026-01-02T04:00:00Z clamped");
  Limits limits;
  limits.tolerance = 0;
  const Reading strict(R"({"type":"page","userId":"u","timestamp":"2026-01-02T04:00:00.000001Z"})", kReceived, limits);
  EXPECT_TRUE(strict.events[0].clamped);
}

TEST(Event, NanosecondsAreCutToMicroseconds) {
  EXPECT_EQ(at(R"({"type":"page","userId":"u","timestamp":"2025-01-02T03:04:05.123456789Z"})"),
            "2025-01-02T03:04:05.123456Z");
  EXPECT_EQ(at(R"({"type":"page","userId":"u","timestamp":"2025-01-02T03:04:05.9999999+00:00"})"),
            "2025-01-02T03:04:05.999999Z");
}

TEST(Batch, ItsEventsInheritWhatTheyDoNotSay) {
  const Reading reading(
      R"({"batch":[
            {"type":"page","userId":"a","timestamp":"2026-01-02T02:00:00Z"},
            {"type":"page","userId":"b","timestamp":"2026-01-02T02:00:00Z","sentAt":"2026-01-02T04:00:00Z",
             "context":{"device":{"id":"own"}}},
            {"type":"page","userId":"c","context":{"device":{},"traits":null},"sentAt":null}],
          "sentAt":"2026-01-02T03:00:00Z","writeKey":"wk",
          "context":{"device":{"id":"shared"},"groupId":"g","traits":{"phone":"555"}}})");
  ASSERT_EQ(reading.events.size(), 3U);
  EXPECT_EQ(persons_of(reading.events[0]), "user_id=a phone=555 device_id=shared");
  EXPECT_EQ(at_of(reading.events[0]), "2026-01-02T03:00:00Z");
  EXPECT_EQ(persons_of(reading.events[1]), "user_id=b phone=555 device_id=own");
  EXPECT_EQ(at_of(reading.events[1]), "2026-01-02T02:00:00Z");
  EXPECT_EQ(persons_of(reading.events[2]), "user_id=c phone=555");
  EXPECT_EQ(reading.events[2].group_id, "g");
}

TEST(Batch, OneBadEventCostsNoOther) {
  const Reading reading(
      R"([{"type":"page","userId":"a"}, 17, {"type":"track","userId":"b"}, {"type":"page","userId":"c"}])");
  ASSERT_EQ(reading.events.size(), 4U);
  EXPECT_FALSE(reading.rejections[0]);
  EXPECT_EQ(reading.rejections[1]->reason, Reason::not_an_object);
  EXPECT_EQ(reading.rejections[2]->reason, Reason::missing_event_name);
  EXPECT_FALSE(reading.rejections[3]);
  EXPECT_EQ(persons_of(reading.events[3]), "user_id=c");
}

TEST(Batch, NothingOfAnEventIsLeftInTheNext) {
  const Reading reading(
      R"([{"type":"group","messageId":"m","userId":"a","groupId":"g","timestamp":"2030-01-01","traits":{"a":1},
           "context":{"traits":{"email":"e"}}},
          {"type":"page","userId":"b","name":"Home"}, {"type":"identify","anonymousId":"c"}])");
  EXPECT_TRUE(reading.events[0].clamped);
  const Event& last = reading.events.at(2);
  EXPECT_EQ(persons_of(last), "anonymous_id=c");
  EXPECT_EQ(last.message_id, "");
  EXPECT_EQ(std::string(last.name) + std::string(last.page_name) + std::string(last.group_id), "");
  EXPECT_EQ(last.properties.kind, Field::Kind::absent);
  EXPECT_EQ(last.context_traits.kind, Field::Kind::absent);
  EXPECT_FALSE(last.clamped);
}

TEST(Batch, EmptyOnesHaveNoEvents) {
  EXPECT_EQ(Reading("[]").events.size(), 0U);
  EXPECT_EQ(Reading(R"({"batch":[],"sentAt":"2026-01-02T03:00:00Z"})").events.size(), 0U);
  // An event may have a member of that name.
  EXPECT_EQ(persons(R"({"type":"page","userId":"u","batch":[1,2]})"), "user_id=u");
}

TEST(CloudEvent, IsNamedByItsType) {
  const Reading reading(
      R"({"specversion":"1.0","id":"B234","source":"/crm/eu","type":"com.example.order.completed","subject":"u1",
          "time":"2025-01-02T03:05:00Z","datacontenttype":"application/json","data":{"revenue":39.95}})");
  const Event& event = reading.events.at(0);
  ASSERT_FALSE(reading.rejections[0]) << shown(*reading.rejections[0]);
  EXPECT_EQ(event.kind, Kind::cloud);
  EXPECT_EQ(event.name, "com.example.order.completed");
  EXPECT_EQ(event.message_id, "/crm/eu B234");
  EXPECT_EQ(at_of(event), "2025-01-02T03:05:00Z");
  EXPECT_EQ(persons_of(event), "user_id=u1");
  EXPECT_EQ(JsonDocument::json_of(event.properties), R"({"revenue": 39.95})");
}

TEST(CloudEvent, DataMayBeAnything) {
  const Reading reading(
      R"({"specversion":"1.0","id":"A234-1234-1234","source":"https://github.com/cloudevents/spec/pull","subject":"123",
          "type":"com.github.pull_request.opened","datacontenttype":"text/xml","data":"<much wow=\"xml\"/>"})");
  ASSERT_FALSE(reading.rejections[0]) << shown(*reading.rejections[0]);
  EXPECT_EQ(JsonDocument::json_of(reading.events[0].properties), R"("<much wow=\"xml\"/>")");
  EXPECT_EQ(persons_of(reading.events[0]), "user_id=123");
}

// A CloudEvent with such members of its own beside the required ones.
std::string cloud(std::string_view members) {
  return R"({"specversion":"1.0","id":"1","source":"/s","type":"t",)" + std::string(members) + "}";
}

TEST(CloudEvent, TheSubjectIsAPersonIfDataNamesNone) {
  EXPECT_EQ(persons(cloud(R"("subject":"order/17","data":{"userId":"u"})")), "user_id=u");
  EXPECT_EQ(persons(cloud(R"("subject":"order/17","data":{"anonymousId":5})")), "anonymous_id=5");
  EXPECT_EQ(persons(cloud(R"("subject":"u","data":{"userId":null,"traits":{"email":"e"}})")), "user_id=u");
}

TEST(CloudEvent, MayCarryAnEventOfTheSpec) {
  const Reading reading(cloud(
      R"("time":"2025-01-01T00:00:00Z","subject":"s","data":{"type":"track","event":"Bought","anonymousId":"a",
         "context":{"device":{"id":"d"}},"properties":{"n":1}})"));
  const Event& event = reading.events.at(0);
  ASSERT_FALSE(reading.rejections[0]) << shown(*reading.rejections[0]);
  EXPECT_EQ(event.kind, Kind::track);
  EXPECT_EQ(event.name, "Bought");
  EXPECT_EQ(event.message_id, "/s 1");
  EXPECT_EQ(at_of(event), "2025-01-01T00:00:00Z");
  EXPECT_EQ(persons_of(event), "anonymous_id=a device_id=d");
  EXPECT_EQ(JsonDocument::json_of(event.properties), R"({"n": 1})");

  EXPECT_EQ(message_id(cloud(R"("data":{"type":"page","userId":"u","messageId":"m"})")), "m");
  EXPECT_EQ(at(cloud(R"("time":"2025-01-01T00:00:00Z",
                        "data":{"type":"page","userId":"u","timestamp":"2024-01-01T00:00:00Z"})")),
            "2024-01-01T00:00:00Z");
  // A page that somebody edits isn't one that somebody sees.
  const Reading edited(cloud(R"("subject":"u","data":{"type":"page","title":"Imprint"})"));
  EXPECT_EQ(edited.events.at(0).kind, Kind::cloud);
  EXPECT_EQ(persons_of(edited.events[0]), "user_id=u");
}

TEST(CloudEvent, ItsTimeIsNotCorrected) {
  EXPECT_EQ(at(R"({"sentAt":"2026-01-02T03:00:00Z","batch":[)" +
               cloud(R"("subject":"u","time":"2026-01-02T02:00:00Z")") + "]}"),
            "2026-01-02T02:00:00Z");
  EXPECT_EQ(at(cloud(R"("subject":"u","time":"2027-01-01T00:00:00Z")")), "2026-01-02T04:00:00Z clamped");
  EXPECT_EQ(at(cloud(R"("subject":"u")")), "2026-01-02T04:00:00Z");
}

TEST(CloudEvent, IdsOfTwoSourcesDiffer) {
  const auto id = [](std::string_view source, std::string_view id) {
    return message_id(R"({"specversion":"1.0","type":"t","subject":"u","source":")" + std::string(source) +
                      R"(","id":")" + std::string(id) + "\"}");
  };
  EXPECT_EQ(id("a", "1"), "a 1");
  EXPECT_EQ(id("a b", "c"), "a%20b c");
  EXPECT_NE(id("a b", "c"), id("a", "b c"));
}

}  // namespace
}  // namespace cdp::core::event
