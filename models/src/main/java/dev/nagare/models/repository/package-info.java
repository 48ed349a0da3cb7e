/**
 * The folder of model packages.
 *
 * <p>Read {@link dev.nagare.models.repository.ModelRepository} first.
 */
@NullMarked
package dev.nagare.models.repository;

import org.jspecify.annotations.NullMarked;
