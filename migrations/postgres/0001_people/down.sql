DROP TABLE setting;
DROP TABLE idempotency;
DROP TABLE throttle;
DROP TABLE login_session;
DROP TABLE user_role;
DROP TABLE user_account;
DROP TABLE department;
DROP TABLE region;
