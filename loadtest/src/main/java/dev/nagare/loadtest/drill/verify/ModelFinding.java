package dev.nagare.loadtest.drill.verify;

/**
 * What a model's topics say when its log has been learned to the end.
 *
 * @param model by name
 * @param stateHash of its newest checkpoint
 * @param step of its newest checkpoint
 * @param examples rows of the input, each of which it has learned
 * @param lost records of the input that came out nowhere
 * @param repeated records of the input that came out more than once
 * @param quarantined rows among them whose step a guard took back
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
