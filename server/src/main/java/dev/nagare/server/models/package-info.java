/**
 * Commands about models: of a running server, of a folder, of a file.
 *
 * <p>Read {@link dev.nagare.server.models.ModelsCommand} first.
 */
@NullMarked
package dev.nagare.server.models;

import org.jspecify.annotations.NullMarked;
