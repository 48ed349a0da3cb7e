package dev.nagare.loadtest.bench;

import dev.nagare.server.cli.ProgressBar;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What figures are given.
 *
 * @param pairs of blocks, for figures that compare in turn
 * @param data folder of data sets that we may not ship; null for none
 * @param bar for what takes more than a moment
 */
public record Bench(int pairs, @Nullable Path data, ProgressBar bar) {}
