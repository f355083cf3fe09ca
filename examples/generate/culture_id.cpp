#include "culture.hpp"

namespace example {
namespace {

constexpr Name kMen[] = {
    {"Budi"},  {"Agus"},     {"Slamet"}, {"Bambang"}, {"Joko"},  {"Eko", {}, "Koko"}, {"Hendra"},  {"Rizky"},
    {"Ahmad"}, {"Suharto"},  {"Wahyu"},  {"Dwi"},     {"Yusuf"}, {"Fajar"},           {"Gunawan"}, {"Iwan"},
    {"Ketut"}, {"Made"},     {"Nyoman"}, {"Putu"},    {"Rudi"},  {"Sigit"},           {"Teguh"},   {"Widodo"},
    {"Arief"}, {"Darmawan"},
};
constexpr Name kWomen[] = {
    {"Siti"},
    {"Sri"},
    {"Dewi"},
    {"Nur"},
    {"Ayu"},
    {"Rina"},
    {"Wulan", {}, "Lan"},
    {"Fitri"},
    {"Indah"},
    {"Kartika", {}, "Tika"},
    {"Lestari", {}, "Tari"},
    {"Mega"},
    {"Ningsih"},
    {"Puspita"},
    {"Ratna"},
    {"Suminah"},
    {"Tuti"},
    {"Utami"},
    {"Wati"},
    {"Yanti"},
    {"Intan"},
    {"Melati"},
    {"Anisa"},
    {"Citra"},
    {"Endang"},
};
constexpr Name kSurnames[] = {
    {"Santoso"},   {"Wijaya"},    {"Saputra"},  {"Hidayat"},   {"Nugroho"},     {"Setiawan"},
    {"Kusuma"},    {"Pratama"},   {"Siregar"},  {"Nasution"},  {"Simanjuntak"}, {"Lubis"},
    {"Hutapea"},   {"Susanto"},   {"Suryadi"},  {"Purnomo"},   {"Wibowo"},      {"Rahayu"},
    {"Handayani"}, {"Permata"},   {"Maharani"}, {"Anggraini"}, {"Firmansyah"},  {"Hakim"},
    {"Iskandar"},  {"Kurniawan"}, {"Mulyadi"},  {"Prasetyo"},  {"Ramadhan"},    {"Sanjaya"},
};
constexpr City kCities[] = {
    {"Jakarta", "DKI Jakarta", "1####", "214#######"}, {"Jakarta", "JAKARTA", "1####", "215#######"},
    {"Bandung", "BANDUNG", "40###", "224######"},      {"Surabaya", "Sby", "60###", "315######"},
    {"Yogyakarta", "Jogja", "55###", "2745#####"},     {"Semarang", "SEMARANG", "50###", "247######"},
    {"Medan", "medan", "20###", "614######"},          {"Denpasar", "DENPASAR", "80###", "3612#####"},
};
constexpr std::string_view kStreets[] = {
    "Jl. Sudirman No. #",      "Jl. Thamrin No. #",    "Jl. Merdeka No. #",  "Jl. Diponegoro No. #",
    "Jl. Gatot Subroto No. #", "Jl. Ahmad Yani No. #", "Jl. Pahlawan No. #", "Jl. Melati No. #",
    "Jl. Mawar No. #",         "Jl. Kenanga No. #",    "Jl. Anggrek No. #",  "Jl. Gajah Mada No. #",
    "Jl. Hayam Wuruk No. #",   "Jl. Cendana No. #",
};
constexpr std::string_view kMobiles[] = {"812########", "813########", "815########",
                                         "817########", "857########", "878########"};
constexpr std::string_view kCompanies[] = {"Bintang Jaya", "Cahaya Nusantara", "Garuda Pangan", "Mitra Samudra",
                                           "Sinar Kopi"};
constexpr std::string_view kFreeMail[] = {"surat.example", "mail.example", "inbox.example"};

}  // namespace

const Culture kIndonesian{"ID",    "id",     "62",     kMen,       kWomen,   kSurnames,
                          kCities, kStreets, kMobiles, kCompanies, kFreeMail};

}  // namespace example
