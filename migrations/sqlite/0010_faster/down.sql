DROP INDEX subject_region_version_idx;
CREATE INDEX result_visit_id_idx ON result (visit_id);
DROP INDEX result_region_state_visit_id_idx;
