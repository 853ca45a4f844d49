/**
 * Our own small database, in p0f's format: the stacks that stations of today have. Written from what these systems send, and
 * from their sources; p0f's file, where it is installed, knows older ones.
 */
export const OWN_SIGNATURES = `
[tcp:request]

; tcp_select_initial_window() and tcp_syn_options() of Linux: window 64240 = 44 * 1460 since 4.20; the scale follows tcp_rmem.
label = s:unix:Linux:5 or newer
sig   = *:64:0:*:mss*44,7:mss,sok,ts,nop,ws:df,id+:0
sig   = *:64:0:*:mss*44,10:mss,sok,ts,nop,ws:df,id+:0

; Android sets tcp_rmem for each network.
label = s:unix:Linux:Android
sig   = *:64:0:*:65535,8:mss,sok,ts,nop,ws:df,id+:0
sig   = *:64:0:*:65535,9:mss,sok,ts,nop,ws:df,id+:0

label = g:unix:Linux:any
sig   = *:64:0:*:*,*:mss,sok,ts,nop,ws:df,id+:0
sig   = *:64:0:*:*,*:mss,nop,nop,sok,nop,ws:df,id+:0
sig   = *:64:0:*:*,*:mss,nop,nop,ts,nop,ws:df,id+:0

label = s:win:Windows:10 or newer
sig   = *:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0
sig   = *:128:0:*:65535,8:mss,nop,ws,nop,nop,sok:df,id+:0
sig   = *:128:0:*:mss*44,8:mss,nop,ws,nop,nop,sok:df,id+:0

label = g:win:Windows:any
sig   = *:128:0:*:*,*:mss,nop,ws,nop,nop,sok:df,id+:0
sig   = *:128:0:*:*,*:mss,nop,ws,sok,ts:df,id+:0

; tcp_setup_options() of XNU.
label = s:unix:iOS:or macOS
sig   = *:64:0:*:65535,5:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+:0
sig   = *:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+:0

label = g:unix:Mac OS:any
sig   = *:64:0:*:*,*:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+:0

; tcp_addoptions() of FreeBSD; consoles of Sony are made from it.
label = g:unix:FreeBSD:any
sig   = *:64:0:*:65535,*:mss,nop,ws,sok,ts:df,id+:0

label = g:unix:OpenBSD:any
sig   = *:64:0:*:16384,*:mss,nop,nop,sok,nop,ws,nop,nop,ts:df,id+:0
`;
