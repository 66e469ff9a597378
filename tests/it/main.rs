mod architecture;
mod exchange;
