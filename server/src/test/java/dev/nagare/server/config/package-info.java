/** Tests of this package. */
@NullMarked
package dev.nagare.server.config;

import org.jspecify.annotations.NullMarked;
