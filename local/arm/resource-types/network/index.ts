export { networkInterface } from "./network-interface";
export { privateDnsZone, virtualNetworkLink } from "./private-dns";
export { publicIpAddress } from "./public-ip-address";
export { networkSecurityGroup } from "./security-group";
export { subnet, virtualNetwork } from "./virtual-network";
