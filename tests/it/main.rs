mod architecture;
mod draw_cli;
mod draw_properties;
mod draw_session;
mod draw_statistics;
mod draw_vectors;
mod draw_verify;
