mod architecture;
mod draw_vectors;
