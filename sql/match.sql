-- Normalisers: e-mail addresses, names and telephone numbers.
\pset null '(null)'
-- Servers' versions disagree on the width of some characters.
\pset format unaligned

-- E-mail: spellings of one address
SELECT email, cdp.normalize_email(email), cdp.normalize_email(email, true) AS with_provider_rules
FROM (VALUES
  ('  Ana.Petrovic+shop@Example.COM '),
  (E'\u00A0ana@example.com\u200E'),
  ('A.Li.ce+shop@GoogleMail.com'),
  ('alice+x@outlook.com'),
  ('al.ice+x@icloud.com'),
  ('İLKER@GMAİL.COM'),
  ('info@Bücher.example'),
  ('info@xn--bcher-kva.example.'),
  ('ПОЧТА@пример.рф')) AS v(email);

-- E-mail: no address
SELECT email, cdp.normalize_email(email)
FROM (VALUES (''), ('n/a'), ('@example.com'), ('a@localhost'), ('a@b@example.com'), ('a..b@example.com'),
  ('a b@example.com'), ('"a b"@example.com'), ('a@[192.0.2.1]'), ('a@192.0.2.1'), ('a@-x.com'), ('a@b_c.com'),
  ('Ana <ana@example.com>'), ('a@x.com; b@x.com'), ('a@xn--a.com')) AS v(email);

-- Names: each group of spellings has one key
SELECT language, array_agg(DISTINCT cdp.normalize_name(name, language)) AS keys, count(*) AS spellings
FROM (VALUES
  (1, 'tr', 'Şükrü Çağlayan İLKER'), (1, 'tr', 'ŞÜKRÜ ÇAĞLAYAN İLKER'), (1, 'tr', 'Sukru Caglayan Ilker'),
  (1, 'tr', 'Sayın Prof. Dr. Şükrü Çağlayan İlker'), (1, 'tr', 'Dr.Şükrü Çağlayan İlker Bey'),
  (2, 'sr', 'Ђорђе Живковић'), (2, 'sr', 'Đorđe Živković'), (2, 'sr', 'DJORDJE ZIVKOVIC'),
  (2, 'sr', 'g-din. Đorđe Živković'), (2, 'sr', 'dr Đorđe Živković, dipl. inž.'),
  (3, 'sr', 'Џемал Љубичић-Његош'), (3, 'sr', 'Džemal Ljubičić Njegoš'), (3, 'sr', 'Dzemal Ljubicic Njegos'),
  (4, 'fa', 'علی‌رضا کریمی ۲'), (4, 'fa', 'عليرضا كريمي 2'), (4, 'fa', 'آقای دکتر عَلیرضا کریمی ٢'), (4, 'fa', 'علـیرضا کریمی 2'),
  (5, 'fa', 'فاطمة احمدی'), (5, 'fa', 'خانم فاطمه أحمدي'),
  (6, 'id', 'Suharto'), (6, 'id', 'Suharto Suharto'), (6, 'id', 'Suharto -'), (6, 'id', 'Bapak H. Suharto, S.H.'),
  (7, 'id', 'Drs. Ir. Budi Santoso, M.Kom., S.E.'), (7, 'id', 'BUDI  SANTOSO'),
  (8, 'en', 'Mr. John O’Brien-Smith, Ph.D.'), (8, 'en', 'JOHN O''BRIEN SMITH'), (8, 'en', 'Ｊｏｈｎ OBrien–Smith'),
  (9, 'az', 'Əliyev Elçin müəllim'), (9, 'az', 'eliyev elcin')) AS v(person, language, name)
GROUP BY person, language ORDER BY person;

-- Names: without a language only titles that nothing else can be are removed
SELECT name, cdp.normalize_name(name), cdp.normalize_name(name, 'tr') AS tr, cdp.normalize_name(name, 'id') AS id
FROM (VALUES ('Dr. Deniz Bay'), ('Bay Deniz'), ('H. Deniz'), ('Bay'), ('John Smith Jr.')) AS v(name);

-- Names: scripts stay, but for Serbian
SELECT name, cdp.normalize_name(name)
FROM (VALUES ('Сергей Юрьевич'), ('Παπαδόπουλος'), ('क्षितिज'), ('홍길동'), ('Nguyễn Łukasz Æsir Straße')) AS v(name);

-- Names: nothing left; limits
SELECT cdp.normalize_name('') IS NULL, cdp.normalize_name(' - . ') IS NULL, cdp.normalize_name(E'\u200C') IS NULL,
       cdp.normalize_name(repeat('a', 1024)) = repeat('a', 1024) AS longest, cdp.normalize_name(repeat('a', 1025)) IS NULL;
SELECT cdp.normalize_email(repeat(' ', 10000000) || 'a@b.com') IS NULL, cdp.normalize_name(repeat('a', 10000000)) IS NULL,
       cdp.normalize_phone(repeat('1', 10000000), 'TR') IS NULL;

-- Languages
SELECT cdp.normalize_name('Bay Deniz', 'TR-Latn'), cdp.normalize_name('Bay Deniz', 'tr_TR');
SELECT cdp.normalize_name('Deniz', 'turkish');
SELECT cdp.normalize_name(NULL, '');

-- Telephone numbers
SELECT phone, region, cdp.normalize_phone(phone, region)
FROM (VALUES
  ('0532 123 45 67', 'TR'), ('(532) 1234567', 'tr'), ('+90 532 123 45 67', NULL), ('0090 532 123 45 67', 'TR'),
  ('۰۹۱۲ ۳۴۵ ۶۷۸۹', 'IR'), ('٠٩١٢٣٤٥٦٧٨٩', 'IR'), (E'\u202A+98 912 345 6789\u202C', NULL),
  ('0812-3456-7890', 'ID'), ('+62 812 3456 7890', 'TR'),
  ('064 123-45-67', 'RS'), ('+381 64 1234567', NULL),
  ('(650) 253-0000', 'US'), ('1-800-FLOWERS', 'US'), ('020 7031 3000 ext. 5', 'GB')) AS v(phone, region);

-- No number, or not one that can be
SELECT left(phone, 20) AS phone, region, cdp.normalize_phone(phone, region)
FROM (VALUES ('', 'TR'), ('unknown', 'TR'), ('12', 'TR'), ('0532 123 45 67', NULL), ('0000000000', 'TR'),
  ('+999 123456789', NULL), (repeat('5', 200), 'TR'), (NULL, 'TR'), (NULL, NULL)) AS v(phone, region);
SELECT cdp.normalize_phone('0532 123 45 67', 'XX');
SELECT cdp.normalize_phone('0532 123 45 67', 'Turkey');
SELECT cdp.normalize_phone(NULL, '');
SELECT cdp.phone_version() ~ '^[0-9.]+$';

-- The same through the executor's just-in-time compiler, and over rows
SET jit_above_cost = 0;
SET jit_inline_above_cost = 0;
SET jit_optimize_above_cost = 0;
SELECT count(DISTINCT cdp.normalize_email('User' || i % 10 || '@Example.com')),
       count(DISTINCT cdp.normalize_name('Ђорђе ' || i % 10)),
       count(DISTINCT cdp.normalize_phone('0532 123 45 ' || 60 + i % 10, 'TR'))
FROM generate_series(1, 2000) AS i;
