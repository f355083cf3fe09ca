#include "culture.hpp"

namespace example {
namespace {

constexpr Name kMen[] = {
    {"Mehmet", {}, "Memo"},
    {"Mustafa", {}, "Mıstık"},
    {"Ahmet"},
    {"Ali"},
    {"Hüseyin"},
    {"Hasan"},
    {"İbrahim", {}, "İbo"},
    {"İsmail"},
    {"Osman"},
    {"Yusuf"},
    {"Murat"},
    {"Ömer"},
    {"Ramazan"},
    {"Halil"},
    {"Süleyman", {}, "Sülo"},
    {"Abdullah", {}, "Apo"},
    {"Mahmut"},
    {"Recep"},
    {"Salih"},
    {"Fatih"},
    {"Kadir"},
    {"Emre"},
    {"Hakan"},
    {"Serkan"},
    {"Burak"},
    {"Kerem"},
    {"Onur"},
    {"Tolga"},
    {"Volkan"},
    {"Yiğit"},
    {"Çağlar"},
    {"Ümit"},
    {"Şahin"},
    {"Gökhan"},
    {"Uğur"},
    {"Eren"},
    {"Deniz"},
    {"Barış"},
    {"Cem"},
    {"Kıvanç"},
};
constexpr Name kWomen[] = {
    {"Fatma", {}, "Fatoş"},
    {"Ayşe", {}, "Ayşegül"},
    {"Emine"},
    {"Hatice", {}, "Hatçe"},
    {"Zeynep", {}, "Zeyno"},
    {"Elif"},
    {"Meryem"},
    {"Şerife"},
    {"Zehra"},
    {"Sultan"},
    {"Hanife"},
    {"Merve"},
    {"Havva"},
    {"Zeliha"},
    {"Esra"},
    {"Özlem"},
    {"Büşra"},
    {"Gülsüm"},
    {"Sevgi"},
    {"Yasemin"},
    {"Dilek"},
    {"Leyla"},
    {"Tuğba"},
    {"Hülya"},
    {"Songül"},
    {"Aslı"},
    {"Ceren"},
    {"Derya"},
    {"Ebru"},
    {"Gizem"},
    {"Işıl"},
    {"İrem"},
    {"Kübra"},
    {"Nurcan"},
    {"Pınar"},
    {"Rabia"},
    {"Selin"},
    {"Tülay"},
    {"Ümran"},
    {"Yıldız"},
};
constexpr Name kSurnames[] = {
    {"Yılmaz"}, {"Kaya"},    {"Demir"},  {"Çelik"},   {"Şahin"},     {"Yıldız"},  {"Yıldırım"}, {"Öztürk"},
    {"Aydın"},  {"Özdemir"}, {"Arslan"}, {"Doğan"},   {"Kılıç"},     {"Aslan"},   {"Çetin"},    {"Kara"},
    {"Koç"},    {"Kurt"},    {"Özkan"},  {"Şimşek"},  {"Polat"},     {"Korkmaz"}, {"Özcan"},    {"Erdoğan"},
    {"Güneş"},  {"Tekin"},   {"Avcı"},   {"Yavuz"},   {"Keskin"},    {"Ünal"},    {"Güler"},    {"Aktaş"},
    {"Bulut"},  {"Turan"},   {"Ateş"},   {"Sarı"},    {"Taş"},       {"Işık"},    {"Karaca"},   {"Bayrak"},
    {"Duman"},  {"Ceylan"},  {"Uysal"},  {"Bozkurt"}, {"Toprak"},    {"Gökçe"},   {"Ergin"},    {"Soylu"},
    {"Akın"},   {"Tunç"},    {"Eroğlu"}, {"Altun"},   {"Büyükkaya"}, {"İnce"},    {"Kıraç"},    {"Sezgin"},
};
constexpr City kCities[] = {
    {"İstanbul", "Istanbul", "34###", "212#######"}, {"İstanbul", "ISTANBUL", "34###", "216#######"},
    {"Ankara", "ANKARA", "06###", "312#######"},     {"İzmir", "Izmir", "35###", "232#######"},
    {"Bursa", "BURSA", "16###", "224#######"},       {"Antalya", "antalya", "07###", "242#######"},
    {"Konya", "KONYA", "42###", "332#######"},       {"Eskişehir", "Eskisehir", "26###", "222#######"},
};
constexpr std::string_view kStreets[] = {
    "Atatürk Cad. No: #",  "Cumhuriyet Cad. No: #", "İnönü Cad. No: #",       "Gazi Bulvarı No: #", "Bahçe Sok. No: #",
    "Çınar Sok. No: #",    "Gül Sok. No: #",        "Lale Sok. No: #",        "Okul Sok. No: #",    "Zafer Cad. No: #",
    "İstasyon Cad. No: #", "Fatih Sok. No: #",      "Barbaros Bulvarı No: #", "Menekşe Sok. No: #", "Yeşil Sok. No: #",
    "Kurtuluş Cad. No: #", "Dere Sok. No: #",       "Çamlık Sok. No: #",
};
constexpr std::string_view kMobiles[] = {"532#######", "533#######", "535#######", "537#######", "542#######",
                                         "543#######", "544#######", "505#######", "506#######", "553#######"};
constexpr std::string_view kCompanies[] = {"Aksu Tekstil",   "Bora Lojistik", "Çamlıca Gıda", "Deniz Yazılım",
                                           "Ege Seramik",    "Güneş Enerji",  "Hisar Yapı",   "Kuzey Mobilya",
                                           "Lider Otomotiv", "Toros Makine"};
constexpr std::string_view kFreeMail[] = {"posta.example", "mail.example", "eposta.example"};

}  // namespace

const Culture kTurkish{"TR", "tr", "90", kMen, kWomen, kSurnames, kCities, kStreets, kMobiles, kCompanies, kFreeMail};

}  // namespace example
