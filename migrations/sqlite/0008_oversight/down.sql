DROP INDEX result_visit_id_figures_idx;
DROP INDEX publication_region_card_idx;
DROP INDEX publication_region_end_day_idx;
DROP INDEX conduct_region_end_day_idx;
DROP TABLE score_evidence;
DROP TABLE scorecard;
DROP TABLE plan_base;
DROP TABLE card;
