DROP TABLE upload;
DROP TABLE job;
DROP TABLE outbox;
DROP TABLE sequencer;
DROP TABLE journal_checkpoint;
DROP TABLE journal_tile;
DROP TABLE journal_event;
