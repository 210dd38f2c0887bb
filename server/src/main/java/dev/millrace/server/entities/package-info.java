/**
 * Entities beside tables: what an application's records expect of a database, held against it, and
 * records written of tables that are there.
 *
 * <p>Read first {@link dev.millrace.server.entities.SchemaCheck} and {@link
 * dev.millrace.server.entities.EntityGenerator}. {@link
 * dev.millrace.server.entities.EntityDescription} is what the annotation processor leaves beside an
 * application's classes; {@link dev.millrace.server.entities.TableDescription} what the catalogue
 * has. Neither loads a class of the application's.
 *
 * <p>Errors: {@link dev.millrace.server.entities.EntitiesException}, with a sentence for a person.
 */
@NullMarked
package dev.millrace.server.entities;

import org.jspecify.annotations.NullMarked;
