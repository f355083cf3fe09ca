-- The tables of a company: its CRM and its web shop. Nothing here knows about cdp.

CREATE SCHEMA crm;

CREATE TABLE crm.account (
  account_id integer PRIMARY KEY,
  name       text NOT NULL,
  industry   text,
  domain     text,
  city       text,
  country    text,
  phone      text              -- the switchboard
);

CREATE TABLE crm.contact (
  contact_id integer PRIMARY KEY,
  account_id integer REFERENCES crm.account,
  given_name text NOT NULL,
  surname    text,             -- many Indonesians have one name only
  title      text,
  email      text,
  phone      text,
  mobile     text,
  street     text,
  city       text,
  postcode   text,
  country    text,
  birthday   date,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE TABLE crm.opportunity (
  opportunity_id integer PRIMARY KEY,
  contact_id     integer NOT NULL REFERENCES crm.contact,
  account_id     integer NOT NULL REFERENCES crm.account,
  stage          text NOT NULL,
  amount         numeric NOT NULL,
  created_at     timestamptz NOT NULL,
  closed_on      date
);

CREATE TABLE crm.ticket (
  ticket_id  integer PRIMARY KEY,
  contact_id integer REFERENCES crm.contact,   -- when the clerk found the contact
  requester  text NOT NULL,
  email      text,
  phone      text,
  country    text,
  subject    text NOT NULL,
  status     text NOT NULL,
  opened_at  timestamptz NOT NULL
);

CREATE SCHEMA shop;

CREATE TABLE shop.customer (
  customer_id integer PRIMARY KEY,             -- the login
  given_name  text NOT NULL,
  surname     text,
  email       text NOT NULL,
  phone       text,
  street      text,
  city        text,
  postcode    text,
  country     text NOT NULL,
  birthday    date,
  created_at  timestamptz NOT NULL
);

CREATE TABLE shop.visitor (
  visitor_id  integer PRIMARY KEY,
  customer_id integer REFERENCES shop.customer, -- when logged in
  device_id   text NOT NULL,
  pages       integer NOT NULL,
  campaign    text,
  email       text,                             -- left for the newsletter
  visited_at  timestamptz NOT NULL
);

CREATE TABLE shop."order" (
  order_id    integer PRIMARY KEY,
  customer_id integer REFERENCES shop.customer, -- NULL: a guest
  device_id   text,
  recipient   text NOT NULL,
  email       text,
  phone       text,
  street      text,
  city        text,
  postcode    text,
  country     text NOT NULL,
  amount      numeric NOT NULL,
  status      text NOT NULL,
  ordered_at  timestamptz NOT NULL
);

-- Whose each record really is. A company hasn't got this; only the report reads it.
CREATE TABLE public.truth (
  record text PRIMARY KEY,
  person text NOT NULL
);
