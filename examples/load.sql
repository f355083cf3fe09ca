-- Loads the sample. psql reads the files, so the server need not be able to.
--   psql -v data=examples/sample -f examples/load.sql
\set here `pwd`
\cd :data
\copy crm.account from 'crm.account.csv' (format csv, header match)
\copy crm.contact from 'crm.contact.csv' (format csv, header match)
\copy crm.opportunity from 'crm.opportunity.csv' (format csv, header match)
\copy crm.ticket from 'crm.ticket.csv' (format csv, header match)
\copy shop.customer from 'shop.customer.csv' (format csv, header match)
\copy shop.visitor from 'shop.visitor.csv' (format csv, header match)
\copy shop."order" from 'shop.order.csv' (format csv, header match)
\copy public.truth from 'truth.csv' (format csv, header match)
\cd :here
ANALYZE;
