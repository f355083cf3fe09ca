#include "culture.hpp"

namespace example {
namespace {

constexpr Name kMen[] = {
    {"Aleksandar", {}, "Aca"},
    {"Dragan", {}, "Gagi"},
    {"Milan"},
    {"Nikola"},
    {"Marko"},
    {"Miloš"},
    {"Stefan"},
    {"Zoran", {}, "Zoki"},
    {"Goran"},
    {"Vladimir", {}, "Vlada"},
    {"Dejan"},
    {"Slobodan", {}, "Boba"},
    {"Petar", {}, "Pera"},
    {"Đorđe", {}, "Đole"},
    {"Nemanja"},
    {"Branko"},
    {"Radovan"},
    {"Ljubiša"},
    {"Žarko"},
    {"Svetozar"},
    {"Jovan", {}, "Joca"},
    {"Luka"},
    {"Bojan"},
    {"Ivan"},
    {"Uroš"},
    {"Predrag", {}, "Peđa"},
    {"Saša"},
    {"Čedomir", {}, "Čeda"},
    {"Njegoš"},
    {"Vuk"},
};
constexpr Name kWomen[] = {
    {"Milica", {}, "Mica"},
    {"Jelena", {}, "Jeca"},
    {"Marija", {}, "Maja"},
    {"Ana"},
    {"Ivana"},
    {"Snežana", {}, "Sneža"},
    {"Gordana", {}, "Goca"},
    {"Dragana"},
    {"Jasmina"},
    {"Ljiljana", {}, "Ljilja"},
    {"Vesna"},
    {"Biljana"},
    {"Katarina", {}, "Kaća"},
    {"Tamara"},
    {"Sanja"},
    {"Jovana"},
    {"Teodora"},
    {"Nevena"},
    {"Ružica"},
    {"Slavica"},
    {"Danijela"},
    {"Nataša"},
    {"Tijana"},
    {"Đurđina"},
    {"Žaklina"},
    {"Branka"},
    {"Olivera"},
    {"Sofija"},
    {"Anđela"},
    {"Višnja"},
};
constexpr Name kSurnames[] = {
    {"Jovanović"},  {"Petrović"},    {"Nikolić"},    {"Marković"},  {"Đorđević"}, {"Stojanović"}, {"Ilić"},
    {"Stanković"},  {"Pavlović"},    {"Milošević"},  {"Todorović"}, {"Živković"}, {"Kovačević"},  {"Simić"},
    {"Popović"},    {"Ristić"},      {"Lazarević"},  {"Savić"},     {"Mitrović"}, {"Tomić"},      {"Vasić"},
    {"Lukić"},      {"Radovanović"}, {"Bogdanović"}, {"Filipović"}, {"Knežević"}, {"Obradović"},  {"Vuković"},
    {"Matić"},      {"Čolić"},       {"Šarić"},      {"Ljubičić"},  {"Njegovan"}, {"Babić"},      {"Gajić"},
    {"Zdravković"}, {"Veljković"},   {"Aleksić"},    {"Cvetković"}, {"Đurić"},
};
constexpr City kCities[] = {
    {"Beograd", "Belgrade", "11###", "112######"},    {"Beograd", "BEOGRAD", "11###", "113######"},
    {"Novi Sad", "NOVI SAD", "21###", "214#####"},    {"Niš", "Nis", "18###", "184#####"},
    {"Kragujevac", "kragujevac", "34###", "343####"}, {"Subotica", "SUBOTICA", "24###", "245####"},
    {"Čačak", "Cacak", "32###", "323####"},
};
constexpr std::string_view kStreets[] = {
    "Knez Mihailova #", "Kneza Miloša #",  "Bulevar oslobođenja #", "Nemanjina #",   "Svetosavska #",
    "Cara Dušana #",    "Vojvode Stepe #", "Njegoševa #",           "Karađorđeva #", "Vuka Karadžića #",
    "Jovana Cvijića #", "Nikole Pašića #", "Gospodar Jovanova #",   "Železnička #",  "Obilićev venac #",
    "Kralja Petra #",   "Dositejeva #",
};
constexpr std::string_view kMobiles[] = {"60#######", "61#######", "62#######", "63#######", "64#######", "65#######"};
constexpr std::string_view kCompanies[] = {"Avala Gradnja", "Dunav Transport", "Morava Agrar", "Kopaonik Oprema",
                                           "Sava Softver",  "Šumadija Voće",   "Tisa Papir"};
constexpr std::string_view kFreeMail[] = {"pošta.example", "mail.example", "inbox.example"};

}  // namespace

const Culture kSerbian{"RS", "sr", "381", kMen, kWomen, kSurnames, kCities, kStreets, kMobiles, kCompanies, kFreeMail};

}  // namespace example
