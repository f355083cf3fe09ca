#include "culture.hpp"

namespace example {
namespace {

constexpr Name kMen[] = {
    {"Mohammad", "محمد", "Mamad"},
    {"Ali", "علی"},
    {"Hossein", "حسین"},
    {"Mehdi", "مهدی"},
    {"Reza", "رضا"},
    {"Amir", "امیر"},
    {"Hassan", "حسن"},
    {"Saeed", "سعید"},
    {"Majid", "مجید"},
    {"Hamid", "حمید"},
    {"Behrouz", "بهروز"},
    {"Farhad", "فرهاد"},
    {"Kamran", "کامران", "Kami"},
    {"Kourosh", "کوروش"},
    {"Dariush", "داریوش"},
    {"Navid", "نوید"},
    {"Omid", "امید"},
    {"Siavash", "سیاوش"},
    {"Pouya", "پویا"},
    {"Yousef", "یوسف"},
    {"Masoud", "مسعود"},
    {"Jalal", "جلال"},
    {"Vahid", "وحید"},
    {"Babak", "بابک"},
};
constexpr Name kWomen[] = {
    {"Fatemeh", "فاطمه", "Fati"},
    {"Zahra", "زهرا"},
    {"Maryam", "مریم", "Mari"},
    {"Narges", "نرگس"},
    {"Leila", "لیلا"},
    {"Sara", "سارا"},
    {"Shirin", "شیرین"},
    {"Parisa", "پریسا"},
    {"Nasrin", "نسرین"},
    {"Mina", "مینا"},
    {"Elham", "الهام"},
    {"Azadeh", "آزاده"},
    {"Niloufar", "نیلوفر", "Nilu"},
    {"Samira", "سمیرا"},
    {"Mahsa", "مهسا"},
    {"Yasaman", "یاسمن"},
    {"Roya", "رویا"},
    {"Taraneh", "ترانه"},
    {"Golnaz", "گلناز"},
    {"Farzaneh", "فرزانه"},
    {"Kimia", "کیمیا"},
    {"Haleh", "هاله"},
    {"Bahar", "بهار"},
    {"Soraya", "ثریا"},
};
constexpr Name kSurnames[] = {
    {"Ahmadi", "احمدی"},   {"Mohammadi", "محمدی"},  {"Hosseini", "حسینی"},   {"Karimi", "کریمی"},
    {"Rezaei", "رضایی"},   {"Moradi", "مرادی"},     {"Rahimi", "رحیمی"},     {"Jafari", "جعفری"},
    {"Sadeghi", "صادقی"},  {"Akbari", "اکبری"},     {"Hashemi", "هاشمی"},    {"Ebrahimi", "ابراهیمی"},
    {"Rostami", "رستمی"},  {"Kazemi", "کاظمی"},     {"Bagheri", "باقری"},    {"Ghasemi", "قاسمی"},
    {"Shirazi", "شیرازی"}, {"Tehrani", "تهرانی"},   {"Farahani", "فراهانی"}, {"Norouzi", "نوروزی"},
    {"Soltani", "سلطانی"}, {"Yazdani", "یزدانی"},   {"Bahrami", "بهرامی"},   {"Khosravi", "خسروی"},
    {"Kiani", "کیانی"},    {"Daneshvar", "دانشور"}, {"Mousavi", "موسوی"},    {"Zamani", "زمانی"},
    {"Golzar", "گلزار"},   {"Pakravan", "پاکروان"},
};
constexpr City kCities[] = {
    {"تهران", "Tehran", "1#########", "214#######"},   {"تهران", "Tehran", "1#########", "215#######"},
    {"اصفهان", "Isfahan", "81########", "313#######"}, {"شیراز", "Shiraz", "71########", "713#######"},
    {"مشهد", "Mashhad", "91########", "513#######"},   {"تبریز", "Tabriz", "51########", "413#######"},
};
constexpr std::string_view kStreets[] = {
    "خیابان حافظ، پلاک #",   "خیابان سعدی، پلاک #", "خیابان فردوسی، پلاک #", "خیابان مطهری، پلاک #",
    "خیابان گلستان، پلاک #", "خیابان بهار، پلاک #", "کوچه یاس، پلاک #",      "کوچه نسترن، پلاک #",
    "بلوار کشاورز، پلاک #",  "خیابان خیام، پلاک #", "خیابان مولوی، پلاک #",  "کوچه سرو، پلاک #",
};
constexpr std::string_view kMobiles[] = {"912#######", "913#######", "914#######",
                                         "915#######", "935#######", "936#######"};
constexpr std::string_view kCompanies[] = {"Alborz Sanat", "Damavand Energy", "Kavir Trading", "Pars Novin",
                                           "Zagros Steel"};
constexpr std::string_view kFreeMail[] = {"mail.example", "nameh.example", "inbox.example"};

}  // namespace

const Culture kPersian{"IR", "fa", "98", kMen, kWomen, kSurnames, kCities, kStreets, kMobiles, kCompanies, kFreeMail};

}  // namespace example
