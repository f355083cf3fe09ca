// The same where the rows of a customer stand together: a clustered table, and how the peers would keep it.
import { goldenRecord } from './golden_record.mjs';

export default goldenRecord({
  title: 'the same from rows in the order of customers',
  needs: ['src', 'src_by_customer'],
  table: 'src_by_customer',
  duckdbOrder: 'ORDER BY uid',
  clickhouseOrder: 'uid',
});
