package dev.nagare.loadtest.drill;

/**
 * What every drill is told.
 *
 * @param times faults that must count
 * @param seed of everything that is left to chance
 */
record DrillOptions(int times, long seed) {}
