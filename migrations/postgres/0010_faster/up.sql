CREATE INDEX result_region_state_visit_id_idx ON result (region, state, visit_id, department_id, id);
DROP INDEX result_visit_id_idx;
CREATE INDEX subject_region_version_idx ON subject (region, version, updated_at);
