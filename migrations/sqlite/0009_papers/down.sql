DROP INDEX visit_region_state_dispatched_at_idx;
DROP TABLE dispatch_digest;
DROP TABLE notice_delivery;
