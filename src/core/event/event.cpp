#include "core/event/event.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/bytes/nearest.hpp"
#include "core/bytes/source.hpp"
#include "core/event/fields.hpp"
#include "core/event/moment.hpp"
#include "core/event/persons.hpp"

namespace cdp::core::event {

namespace {

// In the order of Kind.
constexpr std::array<std::string_view, 6> kTypes = {"identify", "track", "page", "screen", "group", "alias"};
constexpr const char* kTypesHint = "Types are identify, track, page, screen, group and alias.";

std::optional<Kind> kind_of(std::string_view type) noexcept {
  const auto* const found = std::find(kTypes.begin(), kTypes.end(), type);
  if (found == kTypes.end()) return std::nullopt;
  return static_cast<Kind>(found - kTypes.begin());
}

class EventReader {
 public:
  EventReader(Fields& fields, const Incoming& incoming, const Limits& limits, Event& event) noexcept
      : fields_(fields), incoming_(incoming), limits_(limits), event_(event), persons_(fields, limits, event) {}

  bool read();

 private:
  // `time` is what a CloudEvent around it says.
  bool read_spec(const Place& event, const Place& time);
  bool read_type(const Place& event);
  bool read_message_id(const Place& event);
  bool read_what(const Place& event);
  bool read_who(const Place& event);
  bool read_context(const Place& event);
  bool read_when(const Place& event, const Place& time);

  bool read_cloud(const Place& event);
  bool read_cloud_attributes(const Place& event, std::string_view& type);
  bool require(const Place& event, std::string_view key, std::string_view& text);
  bool is_spec(const Place& data) const;

  bool keep_message_id(std::string_view source, std::string_view id);
  bool check_identified();

  Fields& fields_;
  const Incoming& incoming_;
  const Limits& limits_;
  Event& event_;
  Persons persons_;
};

bool EventReader::read() {
  if (incoming_.bytes >= limits_.event_bytes)
    return fields_.reject(Reason::too_large, "The event has " + std::to_string(incoming_.bytes) + " bytes.",
                          "An event has less than " + std::to_string(limits_.event_bytes) + " bytes.");
  const Place event{incoming_.object, {}};
  if (event.field.kind != Field::Kind::object)
    return fields_.reject(Reason::not_an_object, "The event is not an object.",
                          "An event is a JSON object such as {\"type\": \"identify\", \"userId\": \"17\"}.");
  if (fields_.member(event, "specversion").said()) return read_cloud(event);
  return read_spec(event, {});
}

bool EventReader::read_spec(const Place& event, const Place& time) {
  return read_type(event) && read_message_id(event) && read_what(event) && read_who(event) && read_when(event, time) &&
         check_identified();
}

bool EventReader::read_type(const Place& event) {
  const Place place = fields_.member(event, "type");
  std::string_view type;
  if (!place.said() && fields_.member(event, "batch").field.kind != Field::Kind::absent)
    return fields_.reject(Reason::invalid_field, "\"batch\" is not an array of events, or is inside another batch.",
                          "A batch is an object such as {\"batch\": [{\"type\": \"identify\", \"userId\": \"17\"}]}.");
  if (!fields_.string(place, type)) return false;
  if (type.empty()) return fields_.reject(Reason::unknown_type, "The event has no type.", kTypesHint);
  if (const auto kind = kind_of(type)) {
    event_.kind = *kind;
    return true;
  }
  const std::string_view meant = nearest(type, kTypes);
  std::string hint = meant.empty() ? kTypesHint : "Perhaps you meant \"" + std::string(meant) + "\".";
  return fields_.reject(Reason::unknown_type, "The event has an unknown type: \"" + shown(type) + "\".",
                        std::move(hint));
}

bool EventReader::keep_message_id(std::string_view source, std::string_view id) {
  event_.message_id.clear();
  // No URI has a space: what stands before the first one is the source.
  for (const char c : source.substr(0, kMaxIdentifierBytes)) {
    if (c == ' ') {
      event_.message_id += "%20";
    } else {
      event_.message_id += c;
    }
  }
  if (!source.empty()) event_.message_id += ' ';
  const std::size_t size = event_.message_id.size() + id.size();
  if (size <= kMaxIdentifierBytes) {
    event_.message_id += id;
    return true;
  }
  return fields_.reject(Reason::message_id_too_long,
                        "The id of the message has more than " + std::to_string(kMaxIdentifierBytes) + " bytes.",
                        "Of a CloudEvent it is source and id.");
}

// One inside a CloudEvent goes before that one's id: it is the same however the event arrives.
bool EventReader::read_message_id(const Place& event) {
  std::string_view id;
  if (!fields_.text(fields_.member(event, "messageId"), id)) return false;
  return id.empty() || keep_message_id({}, id);
}

bool EventReader::read_what(const Place& event) {
  const Kind kind = event_.kind;
  Place traits = fields_.member(event, "traits"), properties = fields_.member(event, "properties");
  if (kind == Kind::group) properties = std::exchange(traits, {});
  if (!fields_.object(traits) || !fields_.object(properties)) return false;
  event_.traits = traits.field;
  event_.properties = properties.field;
  if (kind == Kind::track) {
    if (!fields_.string(fields_.member(event, "event"), event_.name)) return false;
    if (!event_.name.empty()) return true;
    return fields_.reject(Reason::missing_event_name, "The event of type \"track\" has no name.",
                          "\"event\" names what was done, such as \"Order Completed\".");
  }
  if (kind == Kind::identify || kind == Kind::alias) return true;
  event_.name = kTypes[static_cast<std::size_t>(kind)];
  if (kind != Kind::group) return fields_.string(fields_.member(event, "name"), event_.page_name);
  if (!fields_.text(fields_.member(event, "groupId"), event_.group_id)) return false;
  if (!event_.group_id.empty()) return true;
  return fields_.reject(Reason::missing_group_id, "The event of type \"group\" has no groupId.",
                        "\"groupId\" names the group that the person belongs to.");
}

bool EventReader::read_who(const Place& event) {
  if (!persons_.add_ids(event)) return false;
  if (event_.kind == Kind::alias && !persons_.add("anonymous_id", event, "previousId")) return false;
  const Place traits{event_.traits, "traits", &event};
  return persons_.add_traits(traits) && read_context(event);
}

// Member by member, the event's own goes before that of the batch.
bool EventReader::read_context(const Place& event) {
  Place own = fields_.member(event, "context"), shared{incoming_.context, "context"};
  if (!fields_.object(own) || !fields_.object(shared)) return false;
  const auto member = [&](std::string_view key) {
    const Place found = fields_.member(own, key);
    return found.said() ? found : fields_.member(shared, key);
  };
  Place traits = member("traits"), device = member("device");
  if (!fields_.object(traits) || !fields_.object(device)) return false;
  event_.context_traits = traits.field;
  if (event_.kind != Kind::group && !fields_.text(member("groupId"), event_.group_id)) return false;
  return persons_.add_traits(traits) && persons_.add("device_id", device, "id") &&
         persons_.add_external_ids(member("externalIds"));
}

bool EventReader::read_when(const Place& event, const Place& time) {
  const Place timestamp = fields_.member(event, "timestamp"), original = fields_.member(event, "originalTimestamp");
  Times times;
  times.sent_at = fields_.member(event, "sentAt");
  if (!times.sent_at.said()) times.sent_at = {incoming_.sent_at, "sentAt"};
  const bool corrected = original.said() || fields_.member(event, "receivedAt").said();
  if (timestamp.said() && corrected) {
    times.corrected = timestamp;
  } else {
    times.original = original.said() ? original : timestamp;
  }
  if (!times.original.said()) times.corrected = times.corrected.said() ? times.corrected : time;
  return read_moment(fields_, times, incoming_.received_at, limits_.tolerance, event_);
}

bool EventReader::check_identified() {
  if (event_.kind == Kind::alias && event_.identifiers.size() == 1)
    return fields_.reject(Reason::incomplete_alias, "The event of type \"alias\" names one identifier.",
                          "It says that userId and previousId are one person.");
  if (!event_.identifiers.empty()) return true;
  return fields_.reject(Reason::no_identifier, "The event names nobody.",
                        event_.kind == Kind::cloud ? "Name the person in \"subject\", or by \"userId\" in \"data\"."
                                                   : "Name the person by \"userId\" or \"anonymousId\".");
}

bool EventReader::require(const Place& event, std::string_view key, std::string_view& text) {
  if (!fields_.string(fields_.member(event, key), text)) return false;
  if (!text.empty()) return true;
  return fields_.reject(Reason::missing_cloudevents_field, "The CloudEvent has no \"" + std::string(key) + "\".",
                        "A CloudEvent has id, source, specversion and type.");
}

bool EventReader::read_cloud_attributes(const Place& event, std::string_view& type) {
  std::string_view version, source, id;
  if (!require(event, "specversion", version)) return false;
  if (version != "1.0")
    return fields_.reject(Reason::unsupported_version, "The CloudEvent has specversion \"" + shown(version) + "\".",
                          "Events of specversion \"1.0\" are read.");
  return require(event, "id", id) && require(event, "source", source) && require(event, "type", type) &&
         keep_message_id(source, id);
}

// A type alone can be said of many things: of a page in a content management system, too.
bool EventReader::is_spec(const Place& data) const {
  const Place type = fields_.member(data, "type");
  return type.field.kind == Field::Kind::string && kind_of(type.field.text) &&
         (fields_.member(data, "userId").said() || fields_.member(data, "anonymousId").said());
}

bool EventReader::read_cloud(const Place& event) {
  std::string_view type;
  if (!read_cloud_attributes(event, type)) return false;
  const Place data = fields_.member(event, "data"), time = fields_.member(event, "time");
  if (is_spec(data)) return read_spec(data, time);
  event_.kind = Kind::cloud;
  event_.name = type;
  if (data.said()) event_.properties = data.field;
  if (!persons_.add_ids(data)) return false;
  if (event_.identifiers.empty() && !persons_.add("user_id", event, "subject")) return false;
  Times times;
  times.corrected = time;
  return read_moment(fields_, times, incoming_.received_at, limits_.tolerance, event_) && check_identified();
}

void clear(Event& event) noexcept {
  event.message_id.clear();
  event.name = event.page_name = event.group_id = {};
  event.identifiers.clear();
  event.traits = event.context_traits = event.properties = {};
}

}  // namespace

std::optional<Rejection> read_event(const Document& document, const Incoming& incoming, const Limits& limits,
                                    Event& event) {
  clear(event);
  Fields fields(document);
  if (EventReader(fields, incoming, limits, event).read()) return std::nullopt;
  return fields.take_rejection();
}

}  // namespace cdp::core::event
