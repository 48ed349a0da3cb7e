/**
 * Commands about the models of a running server.
 *
 * <p>Read {@link dev.nagare.server.models.ModelsCommand} first.
 */
@NullMarked
package dev.nagare.server.models;

import org.jspecify.annotations.NullMarked;
