DROP TABLE replacement;
DROP TABLE seat;
DROP TABLE visit_task;
DROP TABLE visit_department;
DROP TABLE visit;
DROP TABLE single_task;
DROP TABLE planning_rule;
DROP TABLE planning;
