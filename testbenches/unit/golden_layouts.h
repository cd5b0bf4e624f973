/* SPDX-License-Identifier: MIT */
/*
 * The layouts of ref 1, 2 and 3.1 once more, typed by hand from the text, for comparison with the .def files: one line per
 * register, structure or descriptor, "FIELD msb:lsb" or "FIELD bit" separated by commas. Registers have their offset and
 * size in bits, structures their size in bits, descriptors their type and size. A "-" entry is ignored by hardware.
 */
#ifndef VTD_GOLDEN_LAYOUTS_H
#define VTD_GOLDEN_LAYOUTS_H

struct GoldenLayout {
    const char *name;
    unsigned number; /* offset or type */
    unsigned bits;
    const char *fields;
};

inline const GoldenLayout kGoldenRegisters[] = {
    {"VER", 0x00, 32, "MIN 3:0 RO, MAX 7:4 RO"},
    {"CAP", 0x08, 64,
     "ND 2:0 RO, AFL 3 RO, RWBF 4 RO, PLMR 5 RO, PHMR 6 RO, CM 7 RO, SAGAW 12:8 RO, MGAW 21:16 RO, ZLR 22 RO, "
     "FRO 33:24 RO, SSLPS 37:34 RO, PSI 39 RO, NFR 47:40 RO, MAMV 53:48 RO, DWD 54 RO, DRD 55 RO, FS1GP 56 RO, PI 59 RO, FS5LP 60 RO, "
     "ECMDS 61 RO, ESIRTPS 62 RO, ESRTPS 63 RO"},
    {"ECAP", 0x10, 64,
     "C 0 RO, QI 1 RO, DT 2 RO, IR 3 RO, EIM 4 RO, PT 6 RO, SC 7 RO, IRO 17:8 RO, MHMV 23:20 RO, MTS 25 RO, NEST 26 RO, "
     "PRS 29 RO, ERS 30 RO, SRS 31 RO, NWFS 33 RO, EAFS 34 RO, PSS 39:35 RO, PASID 40 RO, DIT 41 RO, PDS 42 RO, "
     "SMTS 43 RO, VCS 44 RO, SSADS 45 RO, SSTS 46 RO, FSTS 47 RO, SMPWCS 48 RO, RPS 49 RO, TDXCS 50 RO, PMS 51 RO, "
     "ADMS 52 RO, RPRIVS 53 RO, HPTS 55 RO, PTRS 56 RO, SSIRWS 57 RO, SMS 58 RO, HPT1GPS 59 RO, RDTS 60 RO, EIMER 61 RO, "
     "IRREQ 62 RO"},
    {"GCMD", 0x18, 32,
     "TE 31 WO, SRTP 30 WO, SFL 29 WO, EAFL 28 WO, WBF 27 WO, QIE 26 WO, IRE 25 WO, SIRTP 24 WO, CFI 23 WO"},
    {"GSTS", 0x1c, 32,
     "TES 31 RO, RTPS 30 RO, FLS 29 RO, AFLS 28 RO, WBFS 27 RO, QIES 26 RO, IRES 25 RO, IRTPS 24 RO, CFIS 23 RO"},
    {"RTADDR", 0x20, 64, "RTA 63:12 RW, TTM 11:10 RW, SSIRWE 7 RW"},
    {"CCMD", 0x28, 64, "ICC 63 RW, CIRG 62:61 RW, CAIG 60:59 RO, FM 33:32 WO, SID 31:16 WO, DID 15:0 RW"},
    {"FSTS", 0x34, 32,
     "PFO 0 RW1CS, PPF 1 ROS, AFO 2 RW1CS, APF 3 RW1CS, IQE 4 RW1CS, ICE 5 RW1CS, ITE 6 RW1CS, PRO 7 RW1CS, "
     "FRI 15:8 ROS"},
    {"FECTL", 0x38, 32, "IM 31 RW, IP 30 RO, RSVDP 29:0 RSVDP"},
    {"FEDATA", 0x3c, 32, "IMD 15:0 RW, EIMD 31:16 RW"},
    {"FEADDR", 0x40, 32, "MA 31:2 RW"},
    {"FEUADDR", 0x44, 32, "MUA 31:0 RW"},
    {"AFLOG", 0x58, 64, "FLA 63:12 RW, FLS 11:9 RW"},
    {"PMEN", 0x64, 32, "EPM 31 RW, PRS 0 RO"},
    {"PLMBASE", 0x68, 32, "PLMB 31:21 RW"},
    {"PLMLIMIT", 0x6c, 32, "PLML 31:21 RW"},
    {"PHMBASE", 0x70, 64, "PHMB 63:21 RW"},
    {"PHMLIMIT", 0x78, 64, "PHML 63:21 RW"},
    {"IQH", 0x80, 64, "QH 18:4 RO"},
    {"IQT", 0x88, 64, "QT 18:4 RW"},
    {"IQA", 0x90, 64, "IQA 63:12 RW, DW 11 RW, QS 2:0 RW"},
    {"ICS", 0x9c, 32, "IWC 0 RW1CS"},
    {"IECTL", 0xa0, 32, "IM 31 RW, IP 30 RO, RSVDP 29:0 RSVDP"},
    {"IEDATA", 0xa4, 32, "IMD 15:0 RW, EIMD 31:16 RW"},
    {"IEADDR", 0xa8, 32, "MA 31:2 RW"},
    {"IEUADDR", 0xac, 32, "MUA 31:0 RW"},
    {"IQERCD", 0xb0, 64, "IQEI 3:0 RO, ITESID 47:32 RO, ICESID 63:48 RO"},
    {"IRTA", 0xb8, 64, "IRTA 63:12 RW, EIME 11 RW, S 3:0 RW"},
    {"PQH", 0xc0, 64, "PQH 18:5 RW"},
    {"PQT", 0xc8, 64, "PQT 18:5 RW"},
    {"PQA", 0xd0, 64, "PQA 63:12 RW, PQS 2:0 RW"},
    {"PRS", 0xdc, 32, "PPR 0 RW1CS, PRO 1 RW1CS"},
    {"PECTL", 0xe0, 32, "IM 31 RW, IP 30 RO, RSVDP 29:0 RSVDP"},
    {"PEDATA", 0xe4, 32, "IMD 15:0 RW, EIMD 31:16 RW"},
    {"PEADDR", 0xe8, 32, "MA 31:2 RW"},
    {"PEUADDR", 0xec, 32, "MUA 31:0 RW"},
    {"PERFCAP", 0x300, 64,
     "NCNTR 15:0 RO, CW 22:16 RO, EGCNT 28:24 RO, RIDFS 32 RO, DIDFS 33 RO, PASIDFS 34 RO, ATFS 35 RO, PTLFS 36 RO, "
     "CWE 48 RO, GFS 49 RO, IOS 50 RO, PCCS 51 RO, CS 54:52 RO"},
    {"PERFCFGOFF", 0x310, 32, "OFF 31:0 RO"},
    {"PERFFRZOFF", 0x314, 32, "OFF 31:0 RO"},
    {"PERFOVFOFF", 0x318, 32, "OFF 31:0 RO"},
    {"PERFCNTROFF", 0x31c, 32, "OFF 31:0 RO"},
    {"PERFINTRSTS", 0x324, 32, "PIS 0 RW1C"},
    {"PERFINTRCTL", 0x328, 32, "IM 31 RW, IP 30 RO, RSVDP 29:0 RSVDP"},
    {"PERFINTRDATA", 0x32c, 32, "IMD 15:0 RW, EIMD 31:16 RW"},
    {"PERFINTRADDR", 0x330, 32, "MA 31:2 RW"},
    {"PERFINTRUADDR", 0x334, 32, "MUA 31:0 RW"},
    {"PERFEVNTCAP", 0x380, 64, "ES 27:0 RO"},
    {"ECMD", 0x400, 64, "CMD 7:0 WO, OA 63:16 WO"},
    {"ECEO", 0x408, 64, "OB 63:0 WO"},
    {"ECRSP", 0x410, 64, "IP 0 RO, SC 7:1 RO, RES 63:16 RO"},
    {"ECSTS0", 0x420, 64, ""},
    {"ECSTS1", 0x428, 64, ""},
    {"ECCAP0", 0x430, 64, ""},
    {"ECCAP1", 0x438, 64, ""},
    {"ECCAP2", 0x440, 64, ""},
    {"ECCAP3", 0x448, 64, "ECNTS 48 RO, DCNTS 49 RO, RCFGS 50 RO, RCNTS 51 RO, FCNTS 52 RO, UFCNTS 53 RO"},
    {"VCMD", 0xe00, 64, "CMD 7:0 RW, OA 63:16 RW"},
    {"VCMD_EO", 0xe08, 64, "OB 63:0 RW"},
    {"VCRSP", 0xe10, 64, "IP 0 RO, SC 7:1 RO, RSLT 63:16 RO"},
    {"VCCAP", 0xe30, 64, "NS 0 RO, PAS 1 RO, FPS 2 RO"},
    /* In place of these, from 0xe00, before revision 3.3. */
    {"OLD_VCCAP", 0, 64, "PAS 0 RO"},
    {"OLD_VCMD", 0x10, 64, "CMD 7:0 RW, OP 63:8 RW"},
    {"OLD_VCRSP", 0x20, 64, "IP 0 RO, SC 2:1 RO, RSLT 63:8 RO"},
    /* Within the blocks at 16*IRO and 16*FRO. */
    {"IVA", 0, 64, "ADDR 63:12 WO, IH 6 WO, AM 5:0 WO"},
    {"IOTLB_REG", 8, 64, "IVT 63 RW, IIRG 61:60 RW, IAIG 58:57 RO, DR 49 RW, DW 48 RW, DID 47:32 RW"},
    {"FRCD_LO", 0, 64, "FI 63:12 ROS"},
    {"FRCD_HI", 8, 64,
     "SID 15:0 ROS, T2 28 ROS, PRIV 29 ROS, EXE 30 ROS, PP 31 ROS, FR 39:32 ROS, PV 59:40 ROS, AT 61:60 ROS, T1 62 ROS, "
     "F 63 RW1CS"},
    /* Within the blocks of the performance monitor. */
    {"PERFCNTRCFG", 0x00, 64, "EN 0 RO, IO 1 RW, GFO 2 RW, EGI 11:8 RW, ES 59:32 RW"},
    {"PERFCNTRRID", 0x08, 32, "EN 31 RW, RID 15:0 RW"},
    {"PERFCNTRDID", 0x0c, 32, "EN 31 RW, DID 15:0 RW"},
    {"PERFCNTRPASID", 0x10, 32, "EN 31 RW, MODE 21:20 RW, PASID 19:0 RW"},
    {"PERFCNTRAT", 0x14, 32, "EN 31 RW, AT 4:0 RW"},
    {"PERFCNTRPTL", 0x18, 32, "EN 31 RW, PTL 4:0 RW"},
    {"PERFCNTRCAP", 0x80, 32, "PCC 0 RO, CW 15:8 RO, IOS 16 RO, GFS 17 RO, EGCNT 31:28 RO"},
    {"PERFCNTREVCAP", 0x84, 32, "ES 27:0 RO, EGI 31:28 RO"},
    {"PERFCNTRFRZ", 0, 64, "F 63:0 RO"},
    {"PERFCNTROVF", 0, 64, "O 63:0 RW1C"},
    {"PERFCNTRVAL", 0, 64, "CV 63:0 RW"},
};

/* Events of the performance monitor, "group:bit name". A name that Linux does not have has a "-" in front. */
inline const char *const kGoldenPerfEvents[] = {
    "0:0 iommu_clocks",
    "0:1 iommu_requests",
    "0:2 pw_occupancy",
    "0:3 ats_blocked",
    "0:5 -total_occupancy",
    "0:6 -mem_occupancy",
    "1:0 iommu_mrds",
    "1:3 -iommu_atomics",
    "1:5 iommu_mem_blocked",
    "1:6 pg_req_posted",
    "1:7 -pg_req_overflow",
    "2:0 ctxt_cache_lookup",
    "2:1 ctxt_cache_hit",
    "2:2 pasid_cache_lookup",
    "2:3 pasid_cache_hit",
    "2:4 ss_nonleaf_lookup",
    "2:5 ss_nonleaf_hit",
    "2:6 fs_nonleaf_lookup",
    "2:7 fs_nonleaf_hit",
    "2:8 hpt_nonleaf_lookup",
    "2:9 hpt_nonleaf_hit",
    "3:0 iotlb_lookup",
    "3:1 iotlb_hit",
    "3:2 hpt_leaf_lookup",
    "3:3 hpt_leaf_hit",
    "4:0 int_cache_lookup",
    "4:1 int_cache_hit_nonposted",
    "4:2 int_cache_hit_posted",
};

inline const GoldenLayout kGoldenStructures[] = {
    {"LEGACY_ROOT", 0, 128, "P 0, CTP 63:12"},
    {"LEGACY_CONTEXT", 0, 128, "P 0, FPD 1, TT 3:2, SSPTPTR 63:12, AW 66:64, - 70:67, DID 87:72"},
    {"SM_ROOT", 0, 128, "LP 0, LCTP 63:12, UP 64, UCTP 127:76"},
    {"SM_CONTEXT", 0, 256,
     "P 0, FPD 1, DTE 2 DT, PASIDE 3 PASID, PRE 4 PRS, HPTE 5 HPTS, EPTR 6 PTRS, PDTS 11:9, PASIDDIRPTR 63:12, "
     "RID_PASID 83:64 RPS, RID_PRIV 84 RPRIVS"},
    {"PASID_DIR", 0, 64, "P 0, FPD 1, SMPTBLPTR 63:12"},
    {"PASID_ENTRY", 0, 512,
     "P 0, FPD 1, AW 4:2, SLEE 5 ERS, PGTT 8:6, SSADE 9 SSADS, SSPTPTR 63:12, DID 79:64, PWSNP 87 SMPWCS, PGSNP 88 SC, "
     "CD 89 MTS, EMTE 90 MTS, EMT 93:91 MTS3, PWT 94 MTS3, PCD 95 MTS3, - 127:96, SRE 128 SRS, ERE 129 ERS, "
     "FSPM 131:130, WPE 132, - 133, - 134, EAFE 135 EAFS, FSPTPTR 191:140, "
     "HPTSZ 257:256 HPTS, HPTPFD 258 HPTS, HPTPTR 319:268 HPTS, HPTDID 335:320 HPTS"},
    {"FS_ENTRY", 0, 64,
     "P 0, RW 1, US 2, PWT 3, PCD 4, A 5, D 6, PS 7, - 8, - 9, EA 10, - 11, ADDR 51:12, - 62:52, - 63"},
    {"SS_ENTRY", 0, 64,
     "R 0, W 1, - 2, EMT 5:3, IPAT 6, PS 7, A 8, D 9, - 10, SNP 11, ADDR 51:12, - 60:52, - 61, IW 62, - 63"},
    {"IRTE", 0, 128,
     "P 0, FPD 1, DM 2, RH 3, TM 4, DLM 7:5, - 11:8, IM 15, V 23:16, DST 63:32, SID 79:64, SQ 81:80, SVT 83:82"},
    {"IRTE_POSTED", 0, 128,
     "P 0, FPD 1, - 11:8, URG 14, IM 15, VV 23:16, PDAL 63:38, SID 79:64, SQ 81:80, SVT 83:82, PDAH 127:96"},
    {"PI_DESC", 0, 512,
     "PIR0 63:0, PIR1 127:64, PIR2 191:128, PIR3 255:192, ON 256, SN 257, NV 279:272, NDST 319:288, - 383:320, "
     "- 447:384, - 511:448"},
    {"PRQ_DESC", 0, 256,
     "TYPE 7:0, PP 8, PDP 9 REV3, RID 31:16, PASID 51:32, EXR 52, PMR 53, RDR 64, WRR 65, LPIG 66, PRGI 75:67, "
     "ADDR 127:76, PRIV0 191:128 REV3, PRIV1 255:192 REV3"},
};

/* The type field, bits 3:0 and 11:9, is common to all and left out. */
inline const GoldenLayout kGoldenDescriptors[] = {
    {"CC_INV", 1, 128, "G 5:4, DID 31:16, SID 47:32, FM 49:48"},
    {"IOTLB_INV", 2, 128, "G 5:4, DW 6, DR 7, DID 31:16, AM 69:64, IH 70, ADDR 127:76"},
    {"DEV_TLB_INV", 3, 128, "PFSID_LO 15:12 DIT, MIP 20:16, SID 47:32, PFSID_HI 63:52 DIT, S 64, ADDR 127:76"},
    {"IEC_INV", 4, 128, "G 4, IM 31:27, IIDX 47:32"},
    {"INV_WAIT", 5, 128, "IF 4, SW 5, FN 6, PD 7 PDS, DATA 63:32, ADDR 127:66"},
    {"P_IOTLB_INV", 6, 256, "G 5:4, DID 31:16, PASID 51:32, AM 69:64, IH 70, ADDR 127:76"},
    {"PC_INV", 7, 256, "G 5:4, DID 31:16, PASID 51:32"},
    {"P_DEV_TLB_INV", 8, 256,
     "MIP 8:4, PFSID_LO 15:12 DIT, SID 31:16, PASID 51:32, PFSID_HI 63:52 DIT, GI 64, S 75, ADDR 127:76"},
    {"PG_RESP", 9, 256, 
     "PP 4, PDP 5 REV3, RC 15:12, RID 31:16, PASID 51:32, - 66, PRGI 75:67, PRIV0 191:128 REV3, PRIV1 255:192 REV3"},
};

/* ref 5.1-5.3: code, name, qualified, answers to translation, translated and page requests. */
struct GoldenFault {
    unsigned code;
    const char *columns;
};

inline const GoldenFault kGoldenFaults[] = {
    {0x01, "LRT.2 N UR UR NA"},
    {0x02, "LCT.2 Y UR UR NA"},
    {0x03, "LCT.4 Y CA UR NA"},
    {0x04, "LGN.1 Y NULL UR NA"},
    {0x05, "LGN.2 Y EFF NA NA"},
    {0x06, "LGN.3 Y EFF NA NA"},
    {0x07, "LSS.1 Y CA NA NA"},
    {0x08, "LRT.1 N CA UR NA"},
    {0x09, "LCT.1 N CA UR NA"},
    {0x0a, "LRT.3 N CA UR NA"},
    {0x0b, "LCT.3 Y CA UR NA"},
    {0x0c, "LSS.2 Y CA NA NA"},
    {0x0d, "LCT.5 Y UR UR NA"},
    {0x0e, "LGN.4 Y CA UR NA"},
    {0x20, "IRM.1 N UR UR NA"},
    {0x21, "IRM.2 N UR UR NA"},
    {0x22, "IRM.3 Y UR UR NA"},
    {0x23, "IRM.4 N UR UR NA"},
    {0x24, "IRM.5 Y UR UR NA"},
    {0x25, "IRM.6 N UR UR NA"},
    {0x26, "IRM.7 Y UR UR NA"},
    {0x27, "IRM.8 Y UR UR NA"},
    {0x28, "IRM.9 Y UR UR NA"},
    {0x29, "IRM.10 N UR UR NA"},
    {0x2a, "IRM.11 N UR UR NA"},
    {0x2b, "IRM.12 N UR UR NA"},
    {0x30, "RTA.1 N CA UR IR"},
    {0x31, "RTA.2 N UR UR NA"},
    {0x32, "RTA.3 N NA NA IR"},
    {0x33, "RTA.4 N UR UR IR"},
    {0x34, "RTA.5 N UR UR NA"},
    {0x38, "SRT.1 N CA UR IR"},
    {0x39, "SRT.2 N UR UR IR"},
    {0x3a, "SRT.3 N CA UR IR"},
    {0x40, "SCT.1 N CA UR IR"},
    {0x41, "SCT.2 Y UR UR IR"},
    {0x42, "SCT.3 Y CA UR IR"},
    {0x43, "SCT.4 Y CA UR IR"},
    {0x44, "SCT.5 Y UR UR NA"},
    {0x45, "SCT.6 Y UR NA IR"},
    {0x46, "SCT.7 Y UR UR IR"},
    {0x47, "SCT.8 Y NA NA IR"},
    {0x48, "SCT.9 Y UR UR IR"},
    {0x49, "SCT.10 Y NA UR NA"},
    {0x50, "SPD.1 N CA CA IR"},
    {0x51, "SPD.2 Y NULL UR IR"},
    {0x52, "SPD.3 Y CA CA IR"},
    {0x58, "SPT.1 N CA CA IR"},
    {0x59, "SPT.2 Y NULL UR IR"},
    {0x5a, "SPT.3 Y CA CA IR"},
    {0x5b, "SPT.4 Y CA CA IR"},
    {0x5c, "SPT.5 Y NULL NA NA"},
    {0x5d, "SPT.6 Y NULL NA NA"},
    {0x60, "SPT.9 Y NA UR NA"},
    {0x70, "SFS.1 Y NULL NA NA"},
    {0x71, "SFS.2 Y NULL NA NA"},
    {0x72, "SFS.3 Y NULL NA NA"},
    {0x73, "SFS.4 Y NULL NA NA"},
    {0x74, "SFS.5 Y NULL NA NA"},
    {0x75, "SFS.6 Y NULL NA NA"},
    {0x76, "SFS.7 Y NULL NA NA"},
    {0x77, "SFS.8 Y NULL NA NA"},
    {0x78, "SSS.1 Y CA NA NA"},
    {0x79, "SSS.2 Y NULL NA NA"},
    {0x7a, "SSS.3 Y CA NA NA"},
    {0x7b, "SSS.4 Y CA NA NA"},
    {0x7c, "SSS.5 Y CA NA NA"},
    {0x7d, "SSS.6 Y CA NA NA"},
    {0x80, "SGN.1 Y NULL NA NA"},
    {0x81, "SGN.2 Y NULL NA NA"},
    {0x82, "SGN.3 Y EFF NA NA"},
    {0x83, "SGN.4 Y NULL UR NA"},
    {0x84, "SGN.5 Y NULL NA NA"},
    {0x85, "SGN.6 Y EFF NA NA"},
    {0x86, "SGN.7 Y EFF NA NA"},
    {0x87, "SGN.8 Y CA UR NA"},
    {0x89, "SGN.10 Y UR UR NA"},
    {0x90, "SFS.9 Y NULL NA NA"},
    {0x91, "SFS.10 Y NULL NA NA"},
    {0xa0, "HPT.1 Y NA CA NA"},
    {0xa1, "HPT.2 Y NA CA NA"},
    {0xa2, "HPT.3 Y NA CA NA"},
    {0xa3, "HPT.4 Y NA UR NA"},
    {0xa4, "HPT.5 Y NA UR NA"},
    {0xa5, "HPT.6 Y NA UR NA"},
};

#endif
