package dev.nagare.loadtest.drill.verify;

/**
 * What a model's topics say when its log has been learned to the end.
 *
 * @param model by name
 * @param stateHash of its newest checkpoint
 * @param step of its newest checkpoint
 * @param examples rows that it learned, counted in the raw topics
 * @param lost records of the input that came out nowhere
 * @param repeated records of the input that came out more than once
 * @param quarantined rows that guards took back
 * @param checkpoints entries of the registry
 */
public record ModelFinding(
    String model,
    String stateHash,
    long step,
    long examples,
    long lost,
    long repeated,
    long quarantined,
    int checkpoints) {}
