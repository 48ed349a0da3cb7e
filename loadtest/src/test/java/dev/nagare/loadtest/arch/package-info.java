/**
 * The arrows between modules and packages, the rules that keep bits the same in every run, and the
 * house style, held by tests.
 *
 * <p>Read {@link dev.nagare.loadtest.arch.ModuleArchTest} first.
 */
@NullMarked
package dev.nagare.loadtest.arch;

import org.jspecify.annotations.NullMarked;
