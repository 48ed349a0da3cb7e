/**
 * Calls that say what the server and its models are and do, and that load models: what stock
 * clients and {@code perf_analyzer} ask before they ask for a prediction. One method, one file.
 *
 * <p>Read {@link dev.nagare.server.grpc.models.ModelMethods} first, which lists them.
 */
@NullMarked
package dev.nagare.server.grpc.models;

import org.jspecify.annotations.NullMarked;
