DROP TABLE publication;
DROP TABLE evidence;
DROP TABLE result;
DROP TABLE check_in;
DROP TABLE conduct;
