/* SPDX-License-Identifier: MIT */
/*
 * Subcommands of vtdsim. Each gets its own arguments, argv[0] being its name, and returns the exit status: 0 success, 1 the
 * answer is no (an expectation failed, an unexpected fault), 2 the command could not do its work.
 */
#ifndef VTD_SIM_COMMANDS_H
#define VTD_SIM_COMMANDS_H

int vtd_cmd_run(int argc, char **argv);
int vtd_cmd_mrc(int argc, char **argv);
int vtd_cmd_sweep(int argc, char **argv);
int vtd_cmd_merge(int argc, char **argv);
int vtd_cmd_replay(int argc, char **argv);
int vtd_cmd_cosim(int argc, char **argv);
int vtd_cmd_explain(int argc, char **argv);
int vtd_cmd_report(int argc, char **argv);
int vtd_cmd_vm_demo(int argc, char **argv);
int vtd_cmd_vm_study(int argc, char **argv);
int vtd_cmd_trace(int argc, char **argv);
int vtd_cmd_linux(int argc, char **argv);
int vtd_cmd_config(int argc, char **argv);

#endif
