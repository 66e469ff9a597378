mod architecture;
mod draw_session;
mod draw_vectors;
mod draw_verify;
