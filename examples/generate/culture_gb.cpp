#include "culture.hpp"

namespace example {
namespace {

constexpr Name kMen[] = {
    {"William", {}, "Bill"},
    {"Robert", {}, "Bob"},
    {"Richard", {}, "Dick"},
    {"James", {}, "Jim"},
    {"John", {}, "Jack"},
    {"Thomas", {}, "Tom"},
    {"Michael", {}, "Mike"},
    {"David", {}, "Dave"},
    {"Andrew", {}, "Andy"},
    {"Edward", {}, "Ted"},
    {"Charles", {}, "Charlie"},
    {"George"},
    {"Henry", {}, "Harry"},
    {"Peter", {}, "Pete"},
    {"Simon"},
    {"Stephen", {}, "Steve"},
    {"Matthew", {}, "Matt"},
    {"Daniel", {}, "Dan"},
    {"Oliver", {}, "Ollie"},
    {"Nicholas", {}, "Nick"},
    {"Graham"},
    {"Ian"},
    {"Alexander", {}, "Sandy"},
    {"Samuel", {}, "Sam"},
};
constexpr Name kWomen[] = {
    {"Elizabeth", {}, "Liz"},
    {"Margaret", {}, "Peggy"},
    {"Katherine", {}, "Kate"},
    {"Susan", {}, "Sue"},
    {"Patricia", {}, "Pat"},
    {"Jennifer", {}, "Jenny"},
    {"Victoria", {}, "Vicky"},
    {"Sarah"},
    {"Emily"},
    {"Charlotte", {}, "Lottie"},
    {"Rebecca", {}, "Becky"},
    {"Deborah", {}, "Debbie"},
    {"Amanda", {}, "Mandy"},
    {"Christine", {}, "Chris"},
    {"Dorothy", {}, "Dot"},
    {"Eleanor", {}, "Nell"},
    {"Frances", {}, "Fran"},
    {"Helen"},
    {"Judith", {}, "Judy"},
    {"Lucy"},
    {"Alice"},
    {"Olivia", {}, "Liv"},
    {"Rachel"},
    {"Siobhan"},
};
constexpr Name kSurnames[] = {
    {"Smith"},    {"Jones"},     {"Taylor"},    {"Brown"},    {"Williams"},      {"Wilson"},   {"Johnson"},
    {"Davies"},   {"Robinson"},  {"Wright"},    {"Thompson"}, {"Evans"},         {"Walker"},   {"White"},
    {"Roberts"},  {"Green"},     {"Hall"},      {"Wood"},     {"Jackson"},       {"Clarke"},   {"Harris"},
    {"O'Brien"},  {"MacDonald"}, {"Hughes"},    {"Edwards"},  {"Turner"},        {"Cooper"},   {"Morris"},
    {"Bailey"},   {"Shaw"},      {"Pearce"},    {"Holloway"}, {"Ashworth"},      {"Fletcher"}, {"Barlow"},
    {"Whitaker"}, {"Pritchard"}, {"Llewellyn"}, {"Sinclair"}, {"Hartley-Cross"},
};
constexpr City kCities[] = {
    {"London", "LONDON", "SW# #BX", "207#######"},        {"London", "Greater London", "N# #PT", "208#######"},
    {"Manchester", "MANCHESTER", "M# #DE", "161#######"}, {"Birmingham", "B'ham", "B# #LT", "121#######"},
    {"Leeds", "LEEDS", "LS# #HG", "113#######"},          {"Bristol", "bristol", "BS# #QT", "117#######"},
    {"Glasgow", "GLASGOW", "G# #RS", "141#######"},
};
constexpr std::string_view kStreets[] = {
    "# High Street", "# Station Road",  "# Church Lane",  "# Victoria Road", "# Park Avenue",
    "# Mill Lane",   "# Queens Road",   "# The Crescent", "# Kings Road",    "# Manor Close",
    "# Green Lane",  "# Albert Street", "# Orchard Way",  "# Chapel Street",
};
constexpr std::string_view kMobiles[] = {"7412######", "7521######", "7733######", "7855######", "7954######"};
constexpr std::string_view kCompanies[] = {"Albion Freight", "Harbour Analytics", "Northgate Foods", "Pennine Paper",
                                           "Thistle & Sons"};
constexpr std::string_view kFreeMail[] = {"mail.example", "post.example", "inbox.example"};

}  // namespace

const Culture kEnglish{"GB", "en", "44", kMen, kWomen, kSurnames, kCities, kStreets, kMobiles, kCompanies, kFreeMail};

}  // namespace example
